"""Trees to measure on: made by rule, the same every time; nobody's code, but of the kinds that people write."""

from __future__ import annotations

from pathlib import Path

FILES_PER_ROOT = 20

_KINDS = ("storage", "queue", "network", "database", "identity", "keys", "functions", "logs")


def write_tree(top: Path, files: int) -> int:
    """Write a tree of that many `.tf` files, twenty to a root, and a module that every root calls; returns the number
    of lines."""
    lines = 0
    module = top / "modules" / "archive"
    module.mkdir(parents=True, exist_ok=True)
    for name, text in _ARCHIVE.items():
        (module / name).write_text(text, "utf-8")
        lines += text.count("\n")
    for number in range(files - len(_ARCHIVE)):
        root = top / "services" / f"service{number // FILES_PER_ROOT:03}"
        root.mkdir(parents=True, exist_ok=True)
        at = number % FILES_PER_ROOT
        text = (
            _settings(number // FILES_PER_ROOT)
            if at == 0
            else _file(_KINDS[at % len(_KINDS)], number, sound=number % 5 != 0)
        )
        (root / f"part{at:02}.tf").write_text(text, "utf-8")
        lines += text.count("\n")
    return lines


def change_tree(top: Path, files: int) -> None:
    """Change that many files, in the first two roots: half of the changes break something."""
    for number in range(files):
        at = 1 + number // 2
        path = top / "services" / f"service{number % 2:03}" / f"part{at:02}.tf"
        name = 10_000 + number
        path.write_text(
            path.read_text("utf-8") + "\n" + _file(_KINDS[number % len(_KINDS)], name, sound=number % 2 == 0), "utf-8"
        )


_ARCHIVE = {
    "variables.tf": """variable "name" {
  type = string
}

variable "blocked" {
  type    = bool
  default = true
}

variable "keep_days" {
  type    = number
  default = 365
}
""",
    "main.tf": """resource "aws_s3_bucket" "archive" {
  bucket = var.name
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = var.blocked
  block_public_policy     = var.blocked
  ignore_public_acls      = var.blocked
  restrict_public_buckets = var.blocked
}

resource "aws_cloudwatch_log_group" "archive" {
  name              = "/archive/${var.name}"
  retention_in_days = var.keep_days
}

output "bucket" {
  value = aws_s3_bucket.archive.id
}
""",
}


def _settings(number: int) -> str:
    return f"""terraform {{
  required_version = ">= 1.6"
}}

provider "aws" {{
  region = var.region
}}

variable "region" {{
  type    = string
  default = "eu-west-1"
}}

variable "environment" {{
  type    = string
  default = "service-{number}"
}}

variable "private_networks" {{
  type    = list(string)
  default = ["10.{number % 250}.0.0/16"]
}}

locals {{
  name = "${{var.environment}}-main"
  tags = {{
    Environment = var.environment
    ManagedBy   = "terraform"
  }}
}}

module "archive" {{
  source    = "../../modules/archive"
  name      = "${{local.name}}-archive"
  blocked   = {"true" if number % 4 else "false"}
  keep_days = {30 if number % 3 == 0 else 365}
}}
"""


def _file(kind: str, n: int, *, sound: bool) -> str:
    yes = "true" if sound else "false"
    if kind == "storage":
        return f"""resource "aws_s3_bucket" "b{n}" {{
  bucket = "${{local.name}}-{n}"
  tags   = local.tags
}}

resource "aws_s3_bucket_public_access_block" "b{n}" {{
  bucket                  = aws_s3_bucket.b{n}.id
  block_public_acls       = true
  block_public_policy     = {yes}
  ignore_public_acls      = true
  restrict_public_buckets = {yes}
}}

resource "aws_s3_bucket_versioning" "b{n}" {{
  bucket = aws_s3_bucket.b{n}.id
  versioning_configuration {{
    status = "{"Enabled" if sound else "Suspended"}"
  }}
}}

resource "aws_s3_bucket_server_side_encryption_configuration" "b{n}" {{
  bucket = aws_s3_bucket.b{n}.id
  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm = "aws:kms"
    }}
  }}
}}
"""
    if kind == "queue":
        return f"""resource "aws_sqs_queue" "q{n}" {{
  name                      = "${{local.name}}-q{n}"
  message_retention_seconds = 86400
  sqs_managed_sse_enabled   = {yes}
  redrive_policy = jsonencode({{
    deadLetterTargetArn = aws_sqs_queue.dead{n}.arn
    maxReceiveCount     = 5
  }})
  tags = local.tags
}}

resource "aws_sqs_queue" "dead{n}" {{
  name                    = "${{local.name}}-dead{n}"
  sqs_managed_sse_enabled = true
}}

resource "aws_sns_topic" "t{n}" {{
  name              = "${{local.name}}-t{n}"
  kms_master_key_id = "alias/aws/sns"
}}
"""
    if kind == "network":
        return f"""resource "aws_security_group" "g{n}" {{
  name        = "${{local.name}}-g{n}"
  description = "clients of {n}"

  dynamic "ingress" {{
    for_each = var.private_networks
    content {{
      description = "from ${{ingress.value}}"
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }}
  }}

  ingress {{
    description = "administration"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["{"10.0.0.0/8" if sound else "0.0.0.0/0"}"]
  }}

  egress {{
    description = "out"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }}
}}
"""
    if kind == "database":
        return f"""resource "aws_db_instance" "d{n}" {{
  identifier                  = "${{local.name}}-{n}"
  engine                      = "postgres"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 20
  storage_encrypted           = true
  publicly_accessible         = {"false" if sound else "true"}
  username                    = "owner"
  manage_master_user_password = true
  backup_retention_period     = {14 if sound else 0}
  deletion_protection         = true
  copy_tags_to_snapshot       = true
  multi_az                    = true
  auto_minor_version_upgrade  = true
  tags                        = local.tags
}}

resource "aws_db_parameter_group" "d{n}" {{
  name   = "${{local.name}}-{n}"
  family = "postgres16"
}}
"""
    if kind == "identity":
        action = '["s3:GetObject", "s3:ListBucket"]' if sound else '"*"'
        resource = '"arn:aws:s3:::${local.name}-data/*"' if sound else '"*"'
        return f"""data "aws_iam_policy_document" "trust{n}" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }}
  }}
}}

resource "aws_iam_role" "r{n}" {{
  name               = "${{local.name}}-r{n}"
  assume_role_policy = data.aws_iam_policy_document.trust{n}.json
}}

resource "aws_iam_role_policy" "r{n}" {{
  name = "work"
  role = aws_iam_role.r{n}.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = {action}
      Resource = {resource}
    }}]
  }})
}}
"""
    if kind == "keys":
        return f"""resource "aws_kms_key" "k{n}" {{
  description             = "data of {n}"
  deletion_window_in_days = 30
  enable_key_rotation     = {yes}
}}

resource "aws_kms_alias" "k{n}" {{
  name          = "alias/${{local.name}}-{n}"
  target_key_id = aws_kms_key.k{n}.key_id
}}

resource "aws_secretsmanager_secret" "k{n}" {{
  name       = "${{local.name}}/{n}"
  kms_key_id = aws_kms_key.k{n}.arn
}}
"""
    if kind == "functions":
        return f"""resource "aws_lambda_function" "f{n}" {{
  function_name = "${{local.name}}-f{n}"
  role          = "arn:aws:iam::111122223333:role/${{local.name}}"
  handler       = "main.handler"
  runtime       = "python3.12"
  filename      = "f{n}.zip"

  tracing_config {{
    mode = "{"Active" if sound else "PassThrough"}"
  }}

  environment {{
    variables = merge({{ STAGE = var.environment }}, {{ NUMBER = "{n}" }})
  }}

  tags = local.tags
}}
"""
    return f"""resource "aws_cloudwatch_log_group" "l{n}" {{
  name              = "/app/${{local.name}}/{n}"
  retention_in_days = {365 if sound else 1}
  tags              = local.tags
}}

resource "aws_ecr_repository" "l{n}" {{
  name                 = "${{local.name}}/{n}"
  image_tag_mutability = "{"IMMUTABLE" if sound else "MUTABLE"}"
  image_scanning_configuration {{
    scan_on_push = {yes}
  }}
}}
"""
