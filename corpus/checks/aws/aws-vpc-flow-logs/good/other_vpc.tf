resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_flow_log" "this" {
  traffic_type         = "ALL"
  log_destination      = "arn:aws:s3:::example-network-logs"
  log_destination_type = "s3"
  vpc_id               = aws_vpc.main.id
}
