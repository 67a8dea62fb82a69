resource "alicloud_ram_user_policy_attachment" "read" {
  policy_name = "ReadFiles"
  policy_type = "Custom"
  user_name   = var.user
}

variable "user" {
  type = string
}
