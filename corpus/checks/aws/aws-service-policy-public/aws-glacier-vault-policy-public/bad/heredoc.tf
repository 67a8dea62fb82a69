resource "aws_glacier_vault" "archive" {
  name = "archive"

  access_policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Share",
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": "glacier:InitiateJob",
      "Resource": "arn:aws:glacier:eu-west-1:111122223333:vaults/archive"
    }
  ]
}
POLICY
}
