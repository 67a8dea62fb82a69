resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
  acl    = var.text
}

variable "text" {
  type = string
}
