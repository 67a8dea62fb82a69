resource "aws_iam_group" "deployer" {
  name = "deployer"
}

resource "aws_iam_policy_attachment" "both" {
  name       = "pass"
  groups     = [aws_iam_group.deployer.name]
  policy_arn = aws_iam_policy.pass.arn
}

resource "aws_iam_group_policy" "stacks" {
  name  = "stacks"
  group = aws_iam_group.deployer.name

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "cloudformation:CreateStack", "Resource": "*"}
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
