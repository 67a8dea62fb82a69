resource "aws_fsx_openzfs_file_system" "scratch" {
  storage_capacity    = 64
  subnet_ids          = ["subnet-0a1b2c3d4e5f60718"]
  deployment_type     = "SINGLE_AZ_1"
  throughput_capacity = 64
  kms_key_id          = "arn:aws:kms:eu-west-1:111122223333:key/0f2c5d3e-6f1a-4a57-9d53-0c7f4b1f2a11"
}
