resource "aws_iam_user" "deployer" {
  name = "deployer"
}

resource "aws_iam_policy_attachment" "both" {
  name       = "pass"
  users      = [aws_iam_user.deployer.name]
  policy_arn = aws_iam_policy.pass.arn
}

resource "aws_iam_user_policy" "stacks" {
  name = "stacks"
  user = aws_iam_user.deployer.name

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
