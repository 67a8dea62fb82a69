resource "aws_glue_resource_policy" "catalog" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Share"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["glue:GetTable", "glue:GetDatabase"]
        Resource  = "arn:aws:glue:eu-west-1:111122223333:*"
      },
    ]
  })
}
