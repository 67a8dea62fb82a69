variable "actions" {
  type = list(string)
}

resource "aws_iam_group" "ops" {
  name = "ops"
}

resource "aws_iam_group_policy" "etl" {
  name  = "etl"
  group = aws_iam_group.ops.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = var.actions
        Resource = "*"
      },
    ]
  })
}
