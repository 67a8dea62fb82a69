resource "aws_memorydb_cluster" "state" {
  name                     = "state"
  acl_name                 = "app"
  node_type                = "db.r6g.large"
  snapshot_retention_limit = 7
}
