locals {
  retention = 400
}

resource "aws_cloudwatch_log_group" "auth" {
  name              = "/acme/auth"
  retention_in_days = local.retention
}
