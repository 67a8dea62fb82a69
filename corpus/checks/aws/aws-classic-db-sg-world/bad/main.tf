resource "aws_db_security_group" "legacy" {
  name        = "legacy"
  description = "Legacy reporting"

  ingress {
    cidr = "10.0.0.0/8"
  }

  ingress {
    cidr = "0.0.0.0/0"
  }
}
