resource "alicloud_ram_login_profile" "ann" {
  user_name         = "ann"
  mfa_bind_required = var.flag
}

variable "flag" {
  type = bool
}
