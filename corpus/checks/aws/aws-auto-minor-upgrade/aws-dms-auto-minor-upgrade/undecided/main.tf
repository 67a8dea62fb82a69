resource "aws_dms_replication_instance" "migration" {
  replication_instance_id    = "migration"
  replication_instance_class = "dms.t3.medium"
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
}

variable "auto_minor_version_upgrade" {
  type = bool
}
