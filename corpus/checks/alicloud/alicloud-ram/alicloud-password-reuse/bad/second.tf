resource "alicloud_ram_account_password_policy" "company" {
  password_reuse_prevention = 0
}
