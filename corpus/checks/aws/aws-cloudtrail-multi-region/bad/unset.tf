variable "bucket" {
  type    = string
  default = "acme-trail"
}

resource "aws_cloudtrail" "home" {
  name           = "home"
  s3_bucket_name = var.bucket
}
