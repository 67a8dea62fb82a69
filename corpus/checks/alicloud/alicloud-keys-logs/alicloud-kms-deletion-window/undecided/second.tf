resource "alicloud_kms_key" "data" {
  description            = "data"
  pending_window_in_days = var.number
}

variable "number" {
  type = number
}
