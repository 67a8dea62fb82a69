variable "bucket_acl" {
  type = string
}

resource "aws_s3_bucket" "price_list" {
  bucket = "acme-price-list"
  acl    = var.bucket_acl
}
