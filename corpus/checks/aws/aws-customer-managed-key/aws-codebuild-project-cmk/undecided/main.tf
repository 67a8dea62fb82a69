resource "aws_codebuild_project" "site" {
  name           = "site"
  service_role   = "arn:aws:iam::111122223333:role/build"
  encryption_key = var.encryption_key

  artifacts {
    type     = "S3"
    location = "example-artifacts"
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux2-x86_64-standard:5.0"
    type         = "LINUX_CONTAINER"
  }

  source {
    type     = "CODECOMMIT"
    location = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/site"
  }
}

resource "aws_kms_key" "artifacts" {
  description         = "Build output"
  enable_key_rotation = true
}

variable "encryption_key" {
  type = string
}
