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

resource "aws_iam_policy_attachment" "both" {
  name       = "pass"
  roles      = [aws_iam_role.deployer.name]
  policy_arn = aws_iam_policy.pass.arn
}

resource "aws_iam_role_policy" "stacks" {
  name = "stacks"
  role = aws_iam_role.deployer.name

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}
    }
  EOT
}

resource "aws_iam_policy" "pass" {
  name = "pass"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
    }
  EOT
}
