resource "alicloud_ram_security_preference" "company" {
  allow_user_to_change_password = true
  mfa_operation_for_login       = "independent"
}
