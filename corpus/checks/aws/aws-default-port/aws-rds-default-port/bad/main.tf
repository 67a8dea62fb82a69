resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "mysql"
  instance_class    = "db.m6g.large"
  allocated_storage = 100
  port              = 3306
}
