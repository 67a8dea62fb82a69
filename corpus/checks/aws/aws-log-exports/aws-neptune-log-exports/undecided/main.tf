resource "aws_neptune_cluster" "graph" {
  cluster_identifier             = "graph"
  enable_cloudwatch_logs_exports = var.enable_cloudwatch_logs_exports
}

variable "enable_cloudwatch_logs_exports" {
  type = list(string)
}
