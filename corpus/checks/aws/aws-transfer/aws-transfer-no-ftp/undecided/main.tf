resource "aws_transfer_server" "partners" {
  endpoint_type = "VPC"
  protocols     = var.protocols
}

variable "protocols" {
  type = list(string)
}
