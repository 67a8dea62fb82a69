resource "aws_dms_replication_instance" "migration" {
  replication_instance_id    = "migration"
  replication_instance_class = "dms.t3.medium"
  kms_key_arn                = "arn:aws:kms:eu-west-1:111122223333:key/0f2c5d3e-6f1a-4a57-9d53-0c7f4b1f2a11"
}
