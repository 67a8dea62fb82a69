variable "key" {
  type    = string
  default = ""
}

resource "aws_sqs_queue" "jobs" {
  name              = "jobs"
  kms_master_key_id = var.key
}
