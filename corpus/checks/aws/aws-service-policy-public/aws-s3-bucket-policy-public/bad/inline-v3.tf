resource "aws_s3_bucket" "legacy" {
  bucket = "acme-legacy"

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Share",
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::acme-legacy/*"
    }
  ]
}
POLICY
}
