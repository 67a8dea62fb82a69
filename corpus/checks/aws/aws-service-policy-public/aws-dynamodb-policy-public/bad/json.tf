resource "aws_dynamodb_resource_policy" "orders" {
  resource_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Share"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource  = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
      },
    ]
  })
}
