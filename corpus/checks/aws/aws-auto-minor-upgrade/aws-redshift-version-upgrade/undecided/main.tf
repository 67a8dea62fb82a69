resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier    = "warehouse"
  node_type             = "ra3.xlplus"
  allow_version_upgrade = var.allow_version_upgrade
}

variable "allow_version_upgrade" {
  type = bool
}
