resource "aws_cloudtrail" "org" {
  name                  = "org"
  s3_bucket_name        = "acme-trail"
  is_multi_region_trail = true
  sns_topic_name        = "trail-delivered"
}
