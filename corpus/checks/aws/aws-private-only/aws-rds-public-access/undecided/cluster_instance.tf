resource "aws_rds_cluster" "orders" {
  cluster_identifier = "orders"
  engine             = "aurora-postgresql"
  storage_encrypted  = true
}

resource "aws_rds_cluster_instance" "orders" {
  count = 2

  identifier          = "orders-${count.index}"
  cluster_identifier  = aws_rds_cluster.orders.id
  engine              = aws_rds_cluster.orders.engine
  instance_class      = "db.r6g.large"
  publicly_accessible = var.publicly_accessible
}

variable "publicly_accessible" {
  type = bool
}
