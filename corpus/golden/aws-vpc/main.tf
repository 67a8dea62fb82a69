locals {
  tags = {
    Owner       = "platform-team"
    Environment = "production"
  }
}

variable "flow_log_kms_key_arn" {
  type = string
}

resource "aws_vpc" "main" {
  cidr_block           = "10.40.0.0/16"
  enable_dns_hostnames = true
  enable_dns_support   = true

  tags = {
    Name  = "main"
    Owner = "platform-team"
  }
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "private" {
  for_each = {
    a = "10.40.0.0/20"
    b = "10.40.16.0/20"
    c = "10.40.32.0/20"
  }

  vpc_id                  = aws_vpc.main.id
  cidr_block              = each.value
  availability_zone       = "eu-west-1${each.key}"
  map_public_ip_on_launch = false

  tags = merge(local.tags, {
    Name = "private-${each.key}"
  })
}

resource "aws_flow_log" "main" {
  vpc_id                   = aws_vpc.main.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flow.arn
  iam_role_arn             = aws_iam_role.flow.arn
  max_aggregation_interval = 60
}

resource "aws_cloudwatch_log_group" "flow" {
  name              = "/vpc/main/flow"
  retention_in_days = 400
  kms_key_id        = var.flow_log_kms_key_arn

  tags = local.tags
}

resource "aws_iam_role" "flow" {
  name = "main-flow-logs"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = local.tags
}

resource "aws_iam_role_policy" "flow" {
  name = "write-flow-logs"
  role = aws_iam_role.flow.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = ["${aws_cloudwatch_log_group.flow.arn}:*"]
    }]
  })
}

variable "firewall_policy_arn" {
  type = string
}

resource "aws_networkfirewall_firewall" "main" {
  name                              = "main"
  vpc_id                            = aws_vpc.main.id
  firewall_policy_arn               = var.firewall_policy_arn
  delete_protection                 = true
  firewall_policy_change_protection = true
  subnet_change_protection          = true

  subnet_mapping {
    subnet_id = aws_subnet.private["a"].id
  }

  encryption_configuration {
    type   = "CUSTOMER_KMS"
    key_id = var.flow_log_kms_key_arn
  }
}
