resource "aws_sns_topic_subscription" "hook" {
  topic_arn = "arn:aws:sns:eu-west-1:111122223333:orders"
  protocol  = "http"
  endpoint  = "http://hooks.acme.example/orders"
}
