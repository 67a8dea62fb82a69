resource "aws_ecr_repository_policy" "web" {
  repository = "web"

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Share",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
      "Action": ["ecr:PutImage"]
    }
  ]
}
POLICY
}
