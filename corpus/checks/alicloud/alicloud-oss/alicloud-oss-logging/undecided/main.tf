resource "alicloud_oss_bucket" "files" {
  bucket           = "acme-files"
  logging_isenable = var.flag

  logging {
    target_bucket = "acme-logs"
  }
}

variable "flag" {
  type = bool
}
