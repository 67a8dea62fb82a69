resource "aws_codebuild_project" "site" {
  name         = "site"
  service_role = "arn:aws:iam::111122223333:role/build"

  logs_config {
    cloudwatch_logs {
      status = "DISABLED"
    }
  }
}
