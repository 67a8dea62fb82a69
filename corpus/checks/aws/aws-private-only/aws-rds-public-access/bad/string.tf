resource "aws_db_instance" "legacy" {
  identifier          = "legacy"
  engine              = "mysql"
  instance_class      = "db.m6g.large"
  allocated_storage   = 100
  publicly_accessible = "true"
}
