variable "condition" {
  type = any
}

resource "aws_iam_user" "jane" {
  name = "jane"
}

resource "aws_iam_user_policy" "hop" {
  name = "hop"
  user = aws_iam_user.jane.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Resource  = "arn:aws:iam::111122223333:role/operator"
        Condition = var.condition
      },
    ]
  })
}
