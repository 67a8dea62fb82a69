resource "alicloud_ram_account_password_policy" "company" {
  require_lowercase_characters = var.flag
}

variable "flag" {
  type = bool
}
