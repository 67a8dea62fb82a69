resource "aws_cloudtrail" "org" {
  name                  = "org"
  s3_bucket_name        = "acme-trail"
  is_multi_region_trail = true

  event_selector {
    read_write_type           = "All"
    include_management_events = true
  }
}
