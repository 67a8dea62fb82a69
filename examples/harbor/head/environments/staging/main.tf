locals {
  name = "harbor-staging"
}

# The data key belongs to the landing zone repository, like the bucket for access logs.
data "aws_kms_alias" "data" {
  name = "alias/harbor-data"
}

module "network" {
  source = "../../modules/network"

  name               = local.name
  region             = var.region
  cidr               = var.vpc_cidr
  availability_zones = var.availability_zones
  kms_key_arn        = data.aws_kms_alias.data.target_key_arn
}

module "storage" {
  source = "../../modules/storage"

  name        = local.name
  kms_key_arn = data.aws_kms_alias.data.target_key_arn

  buckets = {
    attachments = { data_class = "confidential" }
    exports     = { data_class = "internal", expire_after_days = 30 }
  }
}

# Production's trail covers the account; this one adds the data events of staging's buckets.
module "audit" {
  source = "../../modules/audit"

  name                   = local.name
  region                 = var.region
  kms_key_arn            = data.aws_kms_alias.data.target_key_arn
  data_event_bucket_arns = concat(values(module.storage.bucket_arns), [module.storage.documents_bucket_arn])
}

module "shipments_database" {
  source = "../../modules/database"

  name                  = "${local.name}-shipments"
  database              = "shipments"
  instance_class        = var.database_instance_class
  allocated_storage     = 50
  vpc_id                = module.network.vpc_id
  subnet_ids            = module.network.private_subnet_ids
  client_cidrs          = [var.vpc_cidr]
  kms_key_arn           = data.aws_kms_alias.data.target_key_arn
  backup_retention_days = 14
}

# Read by the BI tool; filled from shipments every night.
module "reporting_database" {
  source = "../../modules/database"

  name         = "${local.name}-reporting"
  database     = "reporting"
  vpc_id       = module.network.vpc_id
  subnet_ids   = module.network.private_subnet_ids
  client_cidrs = var.office_cidrs
  encrypted    = false # thrown away and filled again every night
  kms_key_arn  = data.aws_kms_alias.data.target_key_arn
}

module "shipment_events" {
  source = "../../modules/queue"

  name        = "${local.name}-shipment-events"
  kms_key_arn = data.aws_kms_alias.data.target_key_arn
}

module "intake" {
  source = "../../modules/queue"

  name                       = "${local.name}-intake"
  kms_key_arn                = data.aws_kms_alias.data.target_key_arn
  visibility_timeout_seconds = 900
}

# --- services ---

resource "aws_ecs_cluster" "this" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

data "aws_iam_policy_document" "publish_events" {
  statement {
    sid       = "PublishShipmentEvents"
    effect    = "Allow"
    actions   = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
    resources = [module.shipment_events.arn]
  }

  statement {
    sid       = "UseDataKey"
    effect    = "Allow"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [data.aws_kms_alias.data.target_key_arn]
  }
}

data "aws_iam_policy_document" "sign_in_to_shipments" {
  statement {
    sid       = "SignInToShipments"
    effect    = "Allow"
    actions   = ["rds-db:connect"]
    resources = ["arn:aws:rds-db:${var.region}:${var.account_id}:dbuser:${module.shipments_database.resource_id}/harbor_app"]
  }
}

data "aws_iam_policy_document" "read_attachments" {
  statement {
    sid       = "ReadAttachments"
    effect    = "Allow"
    actions   = ["s3:GetObject"]
    resources = ["${module.storage.bucket_arns["attachments"]}/*"]
  }

  statement {
    sid       = "UseDataKey"
    effect    = "Allow"
    actions   = ["kms:Decrypt"]
    resources = [data.aws_kms_alias.data.target_key_arn]
  }
}

module "tracking_api" {
  source = "../../modules/service"

  name              = "${local.name}-tracking-api"
  region            = var.region
  cluster_arn       = aws_ecs_cluster.this.arn
  vpc_id            = module.network.vpc_id
  vpc_cidr          = var.vpc_cidr
  subnet_ids        = module.network.private_subnet_ids
  s3_prefix_list_id = module.network.s3_prefix_list_id
  client_cidrs      = concat([var.vpc_cidr], var.office_cidrs)
  certificate_arn   = var.certificate_arn
  image_tag         = var.image_tags["tracking-api"]
  kms_key_arn       = data.aws_kms_alias.data.target_key_arn

  environment = {
    DATABASE_ENDPOINT = module.shipments_database.endpoint
    EVENTS_QUEUE_URL  = module.shipment_events.url
  }

  task_policies = {
    publish-events       = data.aws_iam_policy_document.publish_events.json
    sign-in-to-shipments = data.aws_iam_policy_document.sign_in_to_shipments.json
  }
}

module "carrier_portal" {
  source = "../../modules/service"

  name              = "${local.name}-carrier-portal"
  region            = var.region
  cluster_arn       = aws_ecs_cluster.this.arn
  vpc_id            = module.network.vpc_id
  vpc_cidr          = var.vpc_cidr
  subnet_ids        = module.network.private_subnet_ids
  s3_prefix_list_id = module.network.s3_prefix_list_id
  client_cidrs      = concat([var.vpc_cidr], var.office_cidrs)
  certificate_arn   = var.certificate_arn
  image_tag         = var.image_tags["carrier-portal"]
  kms_key_arn       = data.aws_kms_alias.data.target_key_arn

  environment = {
    DATABASE_ENDPOINT = module.shipments_database.endpoint
  }

  task_policies = {
    read-attachments     = data.aws_iam_policy_document.read_attachments.json
    sign-in-to-shipments = data.aws_iam_policy_document.sign_in_to_shipments.json
  }
}

data "aws_iam_policy_document" "webhook" {
  statement {
    sid       = "QueueIntake"
    effect    = "Allow"
    actions   = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
    resources = [module.intake.arn]
  }

  statement {
    sid       = "UseDataKey"
    effect    = "Allow"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [data.aws_kms_alias.data.target_key_arn]
  }
}

module "partner_webhook" {
  source = "../../modules/service"

  # Load balancer names end at 32 characters: "partner-webhook" does not fit.
  name                 = "${local.name}-partner-hooks"
  region               = var.region
  cluster_arn          = aws_ecs_cluster.this.arn
  vpc_id               = module.network.vpc_id
  vpc_cidr             = var.vpc_cidr
  subnet_ids           = module.network.private_subnet_ids
  s3_prefix_list_id    = module.network.s3_prefix_list_id
  client_cidrs         = concat([var.vpc_cidr], var.office_cidrs)
  certificate_arn      = var.certificate_arn
  image_tag_mutability = "MUTABLE" # staging follows "latest"
  image_tag            = var.image_tags["partner-webhook"]
  kms_key_arn          = data.aws_kms_alias.data.target_key_arn

  environment = {
    INTAKE_QUEUE_URL = module.intake.url
  }

  task_policies = {
    webhook = data.aws_iam_policy_document.webhook.json
  }
}
