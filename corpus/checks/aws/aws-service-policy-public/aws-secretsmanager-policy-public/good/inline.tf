resource "aws_secretsmanager_secret" "token" {
  name = "token"

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Share",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
      "Action": "secretsmanager:*",
      "Resource": "*"
    }
  ]
}
POLICY
}
