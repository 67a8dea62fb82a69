resource "aws_codebuild_project" "site" {
  name         = "site"
  service_role = "arn:aws:iam::111122223333:role/build"

  artifacts {
    type                = "S3"
    location            = "example-artifacts"
    encryption_disabled = var.encryption_disabled
  }
}

variable "encryption_disabled" {
  type = bool
}
