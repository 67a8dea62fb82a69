variable "all_regions" {
  type = bool
}

resource "aws_cloudtrail" "home" {
  name                  = "home"
  s3_bucket_name        = "acme-trail"
  is_multi_region_trail = var.all_regions
}
