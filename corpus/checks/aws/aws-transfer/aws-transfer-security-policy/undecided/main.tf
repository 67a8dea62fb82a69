resource "aws_transfer_server" "partners" {
  endpoint_type        = "VPC"
  security_policy_name = var.security_policy_name
}

variable "security_policy_name" {
  type = string
}
