resource "aws_iam_role" "batch" {
  name = "batch"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "batch.amazonaws.com" }
      },
    ]
  })

  inline_policy {
    name = "work"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect   = "Allow"
          Action   = ["kms:Decrypt"]
          Resource = "*"
        },
      ]
    })
  }
}
