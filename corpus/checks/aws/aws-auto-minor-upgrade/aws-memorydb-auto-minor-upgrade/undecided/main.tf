resource "aws_memorydb_cluster" "state" {
  name                       = "state"
  acl_name                   = "app"
  node_type                  = "db.r6g.large"
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
}

variable "auto_minor_version_upgrade" {
  type = bool
}
