resource "alicloud_oss_bucket" "files" {
  bucket        = "acme-files"
  force_destroy = var.flag
}

variable "flag" {
  type = bool
}
