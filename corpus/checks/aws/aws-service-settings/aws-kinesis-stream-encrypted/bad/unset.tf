resource "aws_kinesis_stream" "clicks" {
  name        = "clicks"
  shard_count = 2
}
