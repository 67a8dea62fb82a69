resource "aws_ecr_repository_policy" "web" {
  repository = "web"

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Share",
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": ["ecr:PutImage"]
    }
  ]
}
POLICY
}
