resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  log_publishing_options {
    log_type                 = "ES_APPLICATION_LOGS"
    cloudwatch_log_group_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/search"
    enabled                  = var.enabled
  }
}

variable "enabled" {
  type = bool
}
