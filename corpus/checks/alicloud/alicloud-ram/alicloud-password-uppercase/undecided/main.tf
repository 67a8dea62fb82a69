resource "alicloud_ram_account_password_policy" "company" {
  require_uppercase_characters = var.flag
}

variable "flag" {
  type = bool
}
