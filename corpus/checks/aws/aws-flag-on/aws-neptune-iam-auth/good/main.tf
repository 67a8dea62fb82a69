locals {
  iam_database_authentication_enabled = true
}

resource "aws_neptune_cluster" "graph" {
  cluster_identifier                  = "graph"
  iam_database_authentication_enabled = local.iam_database_authentication_enabled
}
