resource "aws_codebuild_project" "site" {
  name         = "site"
  service_role = "arn:aws:iam::111122223333:role/build"

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux2-x86_64-standard:5.0"
    type         = "LINUX_CONTAINER"

    environment_variable {
      name  = "REGISTRY_PASSWORD"
      value = "registry/ci-password"
      type  = var.type
    }
  }
}

variable "type" {
  type = string
}
