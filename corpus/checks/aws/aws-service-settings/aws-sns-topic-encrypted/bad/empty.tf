variable "kms_key" {
  type    = string
  default = ""
}

resource "aws_sns_topic" "refunds" {
  name              = "refunds"
  kms_master_key_id = var.kms_key
}
