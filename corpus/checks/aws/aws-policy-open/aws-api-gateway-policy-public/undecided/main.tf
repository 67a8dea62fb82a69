resource "aws_api_gateway_rest_api_policy" "orders" {
  rest_api_id = "a1b2c3d4e5"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "*"
        Condition = var.condition
      }
    ]
  })
}

variable "condition" {
  type = any
}
