resource "aws_glue_security_configuration" "etl" {
  name = "etl"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = "arn:aws:kms:eu-west-1:111122223333:key/0f4e8a6c-32a7-4c53-9d3a-5a1e0c9b7d11"
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "DISABLED"
      kms_key_arn                   = "arn:aws:kms:eu-west-1:111122223333:key/0f4e8a6c-32a7-4c53-9d3a-5a1e0c9b7d11"
    }

    s3_encryption {
      s3_encryption_mode = "SSE-S3"
    }
  }
}
