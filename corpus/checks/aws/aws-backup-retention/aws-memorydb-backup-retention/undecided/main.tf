resource "aws_memorydb_cluster" "state" {
  name                     = "state"
  acl_name                 = "app"
  node_type                = "db.r6g.large"
  snapshot_retention_limit = var.snapshot_retention_limit
}

variable "snapshot_retention_limit" {
  type = number
}
