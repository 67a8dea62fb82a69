resource "aws_iam_role" "deployer" {
  name = "deployer"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "ec2.amazonaws.com" }
      },
    ]
  })
}

resource "aws_iam_role_policy" "run" {
  name = "run"
  role = aws_iam_role.deployer.name

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

resource "aws_iam_role_policy_attachment" "pass" {
  role       = aws_iam_role.deployer.name
  policy_arn = aws_iam_policy.pass.arn
}
