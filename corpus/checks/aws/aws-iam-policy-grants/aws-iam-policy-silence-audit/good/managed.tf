resource "aws_iam_policy" "clean" {
  name = "clean"

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Work",
      "Effect": "Allow",
      "Action": ["logs:DeleteLogGroup", "logs:DescribeLogGroups"],
      "Resource": "arn:aws:logs:eu-west-1:111122223333:log-group:/preview/*"
    }
  ]
}
EOF
}
