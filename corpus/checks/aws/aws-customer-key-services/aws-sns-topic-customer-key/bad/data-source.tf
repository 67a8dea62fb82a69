data "aws_kms_key" "topics" {
  key_id = "alias/aws/sns"
}

resource "aws_sns_topic" "invoices" {
  name              = "invoices"
  kms_master_key_id = data.aws_kms_key.topics.arn
}
