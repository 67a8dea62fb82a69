resource "aws_elb" "legacy" {
  name = "legacy"

  access_logs {
    bucket = "example-logs"
  }

  listener {
    instance_port      = 443
    instance_protocol  = "https"
    lb_port            = 443
    lb_protocol        = "https"
    ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/legacy"
  }
}
