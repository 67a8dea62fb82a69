locals {
  tags = {
    Owner       = "platform-team"
    Environment = "production"
  }
}

variable "vpc_id" {
  type = string
}

resource "aws_security_group" "tier" {
  for_each    = toset(["web", "application", "database"])
  name        = each.key
  description = "The ${each.key} tier"
  vpc_id      = var.vpc_id

  tags = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "application" {
  security_group_id            = aws_security_group.tier["application"].id
  description                  = "From the web tier"
  referenced_security_group_id = aws_security_group.tier["web"].id
  from_port                    = 8443
  to_port                      = 8443
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.tier["database"].id
  description                  = "From the application tier"
  referenced_security_group_id = aws_security_group.tier["application"].id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "application" {
  security_group_id            = aws_security_group.tier["application"].id
  description                  = "To the database tier"
  referenced_security_group_id = aws_security_group.tier["database"].id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_network_interface" "tier" {
  for_each        = { web = "10.0.1.10", application = "10.0.2.10", database = "10.0.3.10" }
  subnet_id       = var.subnet_ids[each.key]
  private_ips     = [each.value]
  security_groups = [aws_security_group.tier[each.key].id]
}

variable "subnet_ids" {
  type = map(string)
}
