variable "parameter_type" {
  type = string
}

variable "token" {
  type      = string
  sensitive = true
}

resource "aws_ssm_parameter" "token" {
  name  = "/shop/prod/api-token"
  type  = var.parameter_type
  value = var.token
}
