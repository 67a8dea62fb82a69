resource "alicloud_kms_key" "data" {
  description = "data"
  status      = var.text
}

variable "text" {
  type = string
}
