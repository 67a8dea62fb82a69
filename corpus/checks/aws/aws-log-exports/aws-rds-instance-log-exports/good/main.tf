resource "aws_db_instance" "orders" {
  identifier                      = "orders"
  engine                          = "postgres"
  instance_class                  = "db.m6g.large"
  allocated_storage               = 100
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
}
