resource "aws_docdb_cluster" "catalog" {
  cluster_identifier              = "catalog"
  enabled_cloudwatch_logs_exports = var.enabled_cloudwatch_logs_exports
}

variable "enabled_cloudwatch_logs_exports" {
  type = list(string)
}
