resource "aws_instance" "legacy" {
  ami              = "ami-0a1b2c3d4e5f60718"
  instance_type    = "t3.small"
  user_data_base64 = "ZXhwb3J0IEFXU19TRUNSRVRfQUNDRVNTX0tFWT13SmFsclhVdG5GRU1JL0s3TURFTkcvYlB4UmZpQ1lFWEFNUExFS0VZ"
}
