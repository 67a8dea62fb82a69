resource "aws_iam_user" "deployer" {
  name = "deployer"
}

resource "aws_iam_user_policy" "run" {
  name = "run"
  user = aws_iam_user.deployer.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["ec2:RunInstances"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_policy" "pass" {
  name = "pass"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["iam:PassRole"]
        Resource = "arn:aws:iam::111122223333:role/web"
      },
    ]
  })
}

resource "aws_iam_user_policy_attachment" "pass" {
  user       = aws_iam_user.deployer.name
  policy_arn = aws_iam_policy.pass.arn
}
