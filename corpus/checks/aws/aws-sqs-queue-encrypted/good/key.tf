variable "key" {
  type    = string
  default = "alias/acme-queues"
}

resource "aws_sqs_queue" "jobs" {
  name              = "jobs"
  kms_master_key_id = var.key
}
