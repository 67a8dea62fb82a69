resource "alicloud_ram_account_password_policy" "company" {
  max_login_attempts = 5
}
