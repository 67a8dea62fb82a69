resource "alicloud_ram_security_preference" "company" {
  mfa_operation_for_login = "mandatory"
  enable_save_mfa_ticket  = true
}
