resource "aws_instance" "app" {
  ami                         = "ami-0a1b2c3d4e5f60718"
  instance_type               = "t3.medium"
  subnet_id                   = "subnet-0a1b2c3d4e5f60718"
  associate_public_ip_address = var.associate_public_ip_address
}

variable "associate_public_ip_address" {
  type    = bool
  default = false
}
