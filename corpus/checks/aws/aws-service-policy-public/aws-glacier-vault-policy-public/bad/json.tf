resource "aws_glacier_vault" "records" {
  name = "records"

  access_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Share"
        Effect    = "Allow"
        Principal = "*"
        Action    = "glacier:*"
        Resource  = "arn:aws:glacier:eu-west-1:111122223333:vaults/records"
      },
    ]
  })
}
