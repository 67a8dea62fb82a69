variable "key" {
  type = string
}

resource "aws_kms_key" "own" {
  description         = "data of this service"
  enable_key_rotation = true
}

resource "aws_sns_topic" "orders" {
  name              = "orders"
  kms_master_key_id = var.key
}
