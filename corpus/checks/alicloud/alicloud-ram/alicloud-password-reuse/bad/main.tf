resource "alicloud_ram_account_password_policy" "company" {
}
