resource "alicloud_ram_role_policy_attachment" "ops" {
  policy_type = "System"
  role_name   = "ops"
  policy_name = var.text
}

variable "text" {
  type = string
}
