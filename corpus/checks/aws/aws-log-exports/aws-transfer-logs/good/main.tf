resource "aws_transfer_server" "partners" {
  endpoint_type = "VPC"
  protocols     = ["SFTP"]
  logging_role  = "arn:aws:iam::111122223333:role/transfer_logs"
}
