resource "aws_globalaccelerator_accelerator" "edge" {
  name = "edge"

  attributes {
    flow_logs_enabled   = var.flow_logs_enabled
    flow_logs_s3_bucket = "example-logs"
    flow_logs_s3_prefix = "edge/"
  }
}

variable "flow_logs_enabled" {
  type    = bool
  default = false
}
