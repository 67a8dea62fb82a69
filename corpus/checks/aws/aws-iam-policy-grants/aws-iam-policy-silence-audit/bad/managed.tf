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
      "Resource": "*"
    }
  ]
}
EOF
}
