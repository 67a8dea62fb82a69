resource "aws_db_instance" "orders" {
  identifier         = "orders"
  engine             = "postgres"
  instance_class     = "db.m6g.large"
  allocated_storage  = 100
  ca_cert_identifier = "rds-ca-2015"
}
