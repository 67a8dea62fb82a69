resource "aws_cloudwatch_event_bus_policy" "orders" {
  event_bus_name = "orders"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Share"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:role/partner" }
        Action    = "events:PutEvents"
        Resource  = "arn:aws:events:eu-west-1:111122223333:event-bus/orders"
      },
    ]
  })
}
