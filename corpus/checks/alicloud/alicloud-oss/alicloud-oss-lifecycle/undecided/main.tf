resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  lifecycle_rule {
    id      = "old"
    prefix  = "tmp/"
    enabled = var.flag

    expiration {
      days = 30
    }
  }
}

variable "flag" {
  type = bool
}
