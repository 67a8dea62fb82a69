resource "aws_sns_topic" "orders" {
  name              = "orders"
  kms_master_key_id = "arn:aws:kms:eu-west-1:111122223333:key/0f4e8a6c-32a7-4c53-9d3a-5a1e0c9b7d11"
}
