resource "alicloud_alb_acl" "office" {
  acl_name = "office"

  acl_entries {
    description = "office"
    entry       = var.text
  }
}

variable "text" {
  type = string
}
