resource "alicloud_ram_account_password_policy" "company" {
  minimum_password_length = var.number
}

variable "number" {
  type = number
}
