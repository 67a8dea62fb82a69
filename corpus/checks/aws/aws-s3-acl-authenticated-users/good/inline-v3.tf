resource "aws_s3_bucket" "price_list" {
  bucket = "acme-price-list"
  acl    = "private"
}
