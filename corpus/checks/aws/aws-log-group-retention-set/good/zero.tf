resource "aws_cloudwatch_log_group" "jobs" {
  name              = "/acme/jobs"
  retention_in_days = 365
}
