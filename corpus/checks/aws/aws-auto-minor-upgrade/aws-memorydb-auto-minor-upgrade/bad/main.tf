locals {
  auto_minor_version_upgrade = false
}

resource "aws_memorydb_cluster" "state" {
  name                       = "state"
  acl_name                   = "app"
  node_type                  = "db.r6g.large"
  auto_minor_version_upgrade = local.auto_minor_version_upgrade
}
