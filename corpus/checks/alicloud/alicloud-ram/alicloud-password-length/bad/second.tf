resource "alicloud_ram_account_password_policy" "company" {
  minimum_password_length = 9
}
