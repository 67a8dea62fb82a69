resource "aws_db_instance" "orders" {
  identifier         = "orders"
  engine             = "postgres"
  instance_class     = "db.m6g.large"
  allocated_storage  = 100
  ca_cert_identifier = var.ca_cert_identifier
}

variable "ca_cert_identifier" {
  type = string
}
