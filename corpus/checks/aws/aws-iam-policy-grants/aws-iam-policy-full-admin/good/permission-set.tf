resource "aws_ssoadmin_permission_set" "dev" {
  name         = "dev"
  instance_arn = "arn:aws:sso:::instance/ssoins-1111222233334444"
}

resource "aws_ssoadmin_permission_set_inline_policy" "dev" {
  instance_arn       = aws_ssoadmin_permission_set.dev.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.dev.arn

  inline_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Work",
      "Effect": "Allow",
      "Action": ["ec2:Describe*", "s3:ListAllMyBuckets"],
      "Resource": "*"
    }
  ]
}
EOF
}
