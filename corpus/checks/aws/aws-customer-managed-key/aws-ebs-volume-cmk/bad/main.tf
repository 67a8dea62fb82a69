resource "aws_ebs_volume" "data" {
  availability_zone = "eu-west-1a"
  size              = 200
  encrypted         = true
}

resource "aws_kms_key" "ebs" {
  description         = "Block storage"
  enable_key_rotation = true
}
