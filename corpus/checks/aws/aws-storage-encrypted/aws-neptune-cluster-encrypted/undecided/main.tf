resource "aws_neptune_cluster" "graph" {
  cluster_identifier = "graph"
  engine             = "neptune"
  storage_encrypted  = var.storage_encrypted
}

variable "storage_encrypted" {
  type = bool
}
