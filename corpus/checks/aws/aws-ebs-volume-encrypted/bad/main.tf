resource "aws_ebs_volume" "data" {
  availability_zone = "eu-west-1a"
  size              = 200
  type              = "gp3"
  encrypted         = var.encrypted
}

variable "encrypted" {
  type    = bool
  default = false
}
