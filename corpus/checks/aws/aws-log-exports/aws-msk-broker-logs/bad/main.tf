resource "aws_msk_cluster" "events" {
  cluster_name           = "events"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3

  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = var.enabled
        log_group = "kafka"
      }
    }
  }
}

variable "enabled" {
  type    = bool
  default = false
}
