resource "alicloud_ram_account_password_policy" "company" {
  max_password_age = 90
}
