resource "aws_docdb_cluster_instance" "catalog" {
  cluster_identifier         = "catalog"
  instance_class             = "db.r6g.large"
  auto_minor_version_upgrade = var.auto_minor_version_upgrade
}

variable "auto_minor_version_upgrade" {
  type    = bool
  default = true
}
