resource "aws_default_security_group" "default" {
  vpc_id = "vpc-0a1b2c3d4e5f60718"

  dynamic "ingress" {
    for_each = var.open_ports
    content {
      protocol  = "tcp"
      from_port = ingress.value
      to_port   = ingress.value
      self      = true
    }
  }
}

variable "open_ports" {
  type = list(string)
}
