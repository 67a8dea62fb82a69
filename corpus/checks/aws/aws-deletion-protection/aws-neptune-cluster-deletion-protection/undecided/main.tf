resource "aws_neptune_cluster" "graph" {
  cluster_identifier  = "graph"
  deletion_protection = var.deletion_protection
}

variable "deletion_protection" {
  type = bool
}
