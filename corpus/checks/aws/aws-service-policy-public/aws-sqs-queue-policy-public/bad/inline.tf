resource "aws_sqs_queue" "mail" {
  name = "mail"

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Share",
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": "sqs:*",
      "Resource": "arn:aws:sqs:eu-west-1:111122223333:mail"
    }
  ]
}
POLICY
}
