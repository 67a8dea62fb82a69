locals {
  acceptance_required = true
}

resource "aws_vpc_endpoint_service" "billing" {
  network_load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/billing"]
  acceptance_required        = local.acceptance_required
}
