locals {
  storage_encrypted = false
}

resource "aws_neptune_cluster" "graph" {
  cluster_identifier = "graph"
  engine             = "neptune"
  storage_encrypted  = local.storage_encrypted
}
