resource "aws_elb" "legacy" {
  name                = "legacy"
  subnets             = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]
  connection_draining = true

  listener {
    instance_port      = 443
    instance_protocol  = "https"
    lb_port            = 443
    lb_protocol        = "https"
    ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/legacy"
  }
}
