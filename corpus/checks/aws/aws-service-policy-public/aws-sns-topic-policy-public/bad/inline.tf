resource "aws_sns_topic" "alerts" {
  name = "alerts"

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Share",
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": "sns:Publish",
      "Resource": "arn:aws:sns:eu-west-1:111122223333:alerts"
    }
  ]
}
POLICY
}
