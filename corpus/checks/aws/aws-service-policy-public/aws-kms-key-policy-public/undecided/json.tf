variable "partner" {
  type = string
}

resource "aws_kms_key" "data" {
  description         = "data"
  enable_key_rotation = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Share"
        Effect    = "Allow"
        Principal = { AWS = var.partner }
        Action    = "kms:*"
        Resource  = "*"
      },
    ]
  })
}
