resource "aws_transfer_server" "partners" {
  endpoint_type = var.endpoint_type
  protocols     = ["SFTP"]
}

variable "endpoint_type" {
  type = string
}
