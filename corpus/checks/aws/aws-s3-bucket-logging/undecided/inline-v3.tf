variable "log_bucket" {
  type = string
}

resource "aws_s3_bucket" "claims" {
  bucket = "acme-claims"
  acl    = "private"

  logging {
    target_bucket = var.log_bucket
    target_prefix = "claims/"
  }
}
