resource "aws_codepipeline" "deploy" {
  name     = "deploy"
  role_arn = "arn:aws:iam::111122223333:role/pipeline"

  artifact_store {
    type     = "S3"
    location = "example-artifacts"

    encryption_key {
      type = "KMS"
      id   = "arn:aws:kms:eu-west-1:111122223333:key/0f2c5d3e-6f1a-4a57-9d53-0c7f4b1f2a11"
    }
  }
}
