# Partner integration: brokers call the webhook, their papers go through the intake queue, the OCR machine reads them.
# Pilot with two brokers; staging has the webhook and the queue, but no OCR licence.

# --- webhook ---

# The webhook wraps broker payloads with this key before they are queued.
resource "aws_kms_key" "partner_payloads" {
  description             = "Payloads of partner webhooks"
  deletion_window_in_days = 30
}

# What the webhook could not deliver, kept for a day so that support can replay it.
resource "aws_sqs_queue" "webhook_replay" {
  name                      = "${local.name}-webhook-replay"
  message_retention_seconds = 86400
  sqs_managed_sse_enabled   = false
}

data "aws_iam_policy_document" "webhook" {
  statement {
    sid     = "QueueIntake"
    effect  = "Allow"
    actions = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
    resources = [
      module.intake.arn,
      aws_sqs_queue.webhook_replay.arn,
    ]
  }

  statement {
    sid     = "UseKeys"
    effect  = "Allow"
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [
      aws_kms_key.partner_payloads.arn,
      data.aws_kms_alias.data.target_key_arn,
    ]
  }
}

# One broker's gateway (an AS/400) cannot do TLS; it reaches us through the VPN only.
resource "aws_lb_listener" "broker_callback" {
  load_balancer_arn = module.partner_webhook.load_balancer_arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = module.partner_webhook.target_group_arn
  }
}

resource "aws_vpc_security_group_ingress_rule" "broker_callback" {
  for_each = toset(var.office_cidrs)

  security_group_id = module.partner_webhook.balancer_security_group_id
  description       = "Broker callbacks from ${each.value}"
  cidr_ipv4         = each.value
  from_port         = 8080
  to_port           = 8080
  ip_protocol       = "tcp"
}

# --- OCR ---

data "aws_ssm_parameter" "ocr_image" {
  name = "/harbor/images/ocr"
}

resource "aws_security_group" "ocr" {
  name        = "${local.name}-ocr"
  description = "OCR machine: nothing in, AWS endpoints out"
  vpc_id      = module.network.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "ocr_to_endpoints" {
  security_group_id = aws_security_group.ocr.id
  description       = "AWS endpoints inside the VPC"
  cidr_ipv4         = var.vpc_cidr
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "ocr_to_s3" {
  security_group_id = aws_security_group.ocr.id
  description       = "Documents through the S3 gateway"
  prefix_list_id    = module.network.s3_prefix_list_id
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

# The licence is bound to the machine, so this is an instance and not a task.
resource "aws_instance" "ocr" {
  ami                         = data.aws_ssm_parameter.ocr_image.value
  instance_type               = "c7i.xlarge"
  subnet_id                   = module.network.private_subnet_ids[0]
  vpc_security_group_ids      = [aws_security_group.ocr.id]
  iam_instance_profile        = aws_iam_instance_profile.ocr.name
  associate_public_ip_address = false
  disable_api_termination     = true
  ebs_optimized               = true
  monitoring                  = true

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "optional"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    encrypted   = true
    kms_key_id  = data.aws_kms_alias.data.target_key_arn
  }

  tags = {
    Name = "${local.name}-ocr"
  }
}

# Scanned pages while they are being read.
resource "aws_ebs_volume" "ocr_scratch" {
  availability_zone = aws_instance.ocr.availability_zone
  type              = "gp3"
  size              = 200
  encrypted         = var.ocr_scratch_encrypted
  kms_key_id        = data.aws_kms_alias.data.target_key_arn
}

resource "aws_volume_attachment" "ocr_scratch" {
  device_name = "/dev/sdf"
  instance_id = aws_instance.ocr.id
  volume_id   = aws_ebs_volume.ocr_scratch.id
}

resource "aws_iam_role" "ocr" {
  name = "${local.name}-ocr"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "ec2.amazonaws.com" }
      },
    ]
  })
}

resource "aws_iam_instance_profile" "ocr" {
  name = "${local.name}-ocr"
  role = aws_iam_role.ocr.name
}

resource "aws_iam_role_policy" "ocr" {
  name = "intake"
  role = aws_iam_role.ocr.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadIntake"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = module.intake.arn
      },
      {
        # FIXME(lena): narrow down once the vendor says which calls the agent makes
        Sid      = "OcrAgent"
        Effect   = "Allow"
        Action   = "*"
        Resource = "*"
      },
    ]
  })
}
