resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  log_publishing_options {
    cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/search"
    log_type                 = var.log_type
  }
}

variable "log_type" {
  type = string
}
