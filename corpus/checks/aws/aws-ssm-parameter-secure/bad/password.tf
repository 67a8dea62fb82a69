variable "db_password" {
  type      = string
  sensitive = true
}

resource "aws_ssm_parameter" "db" {
  name  = "/shop/prod/db_password"
  type  = "String"
  value = var.db_password
}
