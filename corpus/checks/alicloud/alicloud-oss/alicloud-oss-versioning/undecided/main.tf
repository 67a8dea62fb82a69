resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
  versioning {
    status = var.text
  }
}

variable "text" {
  type = string
}
