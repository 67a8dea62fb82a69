resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_networkfirewall_firewall" "main" {
  count = var.firewalls

  name                = "main"
  firewall_policy_arn = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/main"
  vpc_id              = aws_vpc.main.id
}

variable "firewalls" {
  type = number
}
