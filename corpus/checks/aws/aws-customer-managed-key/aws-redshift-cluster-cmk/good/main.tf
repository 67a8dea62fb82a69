resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier = "warehouse"
  node_type          = "ra3.xlplus"
  encrypted          = true
  kms_key_id         = "arn:aws:kms:eu-west-1:111122223333:key/0f2c5d3e-6f1a-4a57-9d53-0c7f4b1f2a11"
}
