resource "aws_cloudtrail" "data" {
  name           = "data"
  s3_bucket_name = "acme-trail"

  advanced_event_selector {
    name = "objects"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }
}
