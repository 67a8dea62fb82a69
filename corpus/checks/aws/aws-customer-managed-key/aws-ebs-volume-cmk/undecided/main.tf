resource "aws_ebs_volume" "data" {
  availability_zone = "eu-west-1a"
  size              = 200
  encrypted         = true
  kms_key_id        = var.kms_key_id
}

resource "aws_kms_key" "ebs" {
  description         = "Block storage"
  enable_key_rotation = true
}

variable "kms_key_id" {
  type = string
}
