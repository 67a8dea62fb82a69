resource "aws_kinesis_resource_policy" "clicks" {
  resource_arn = "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Share"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["kinesis:GetRecords", "kinesis:GetShardIterator"]
        Resource  = "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"
      },
    ]
  })
}
