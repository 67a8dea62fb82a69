resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier                  = "warehouse"
  node_type                           = "ra3.xlplus"
  automated_snapshot_retention_period = var.automated_snapshot_retention_period
}

variable "automated_snapshot_retention_period" {
  type    = number
  default = 0
}
