resource "aws_db_instance_automated_backups_replication" "dr" {
  source_db_instance_arn = "arn:aws:rds:eu-west-1:111122223333:db:orders"
  retention_period       = 14
  kms_key_id             = "arn:aws:kms:eu-central-1:111122223333:key/0f2c5d3e-6f1a-4a57-9d53-0c7f4b1f2a11"
}
