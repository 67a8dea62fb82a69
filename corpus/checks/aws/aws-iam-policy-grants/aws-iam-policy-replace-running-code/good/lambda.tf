resource "aws_iam_policy" "release" {
  name = "release"

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Work",
      "Effect": "Allow",
      "Action": ["lambda:UpdateFunctionCode"],
      "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:shop-*"
    }
  ]
}
EOF
}
