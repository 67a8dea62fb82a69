locals {
  allow_version_upgrade = false
}

resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier    = "warehouse"
  node_type             = "ra3.xlplus"
  allow_version_upgrade = local.allow_version_upgrade
}
