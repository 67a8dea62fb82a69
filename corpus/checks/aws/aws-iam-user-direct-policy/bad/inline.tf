resource "aws_iam_user" "omar" {
  name = "omar"
}

resource "aws_iam_group" "support" {
  name = "support"
}

resource "aws_iam_user_policy" "tickets" {
  name = "tickets"
  user = aws_iam_user.omar.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "support:*", Resource = "*" }]
  })
}
