locals {
  auto_minor_version_upgrade = true
}

resource "aws_dms_replication_instance" "migration" {
  replication_instance_id    = "migration"
  replication_instance_class = "dms.t3.medium"
  auto_minor_version_upgrade = local.auto_minor_version_upgrade
}
