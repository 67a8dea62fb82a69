variable "vpc_id" {
  type = string
}

variable "private_subnet_ids" {
  type = list(string)
}

variable "application_security_group_id" {
  type = string
}

variable "kms_key_arn" {
  type = string
}

variable "monitoring_role_arn" {
  type = string
}

resource "aws_db_subnet_group" "orders" {
  name       = "orders"
  subnet_ids = var.private_subnet_ids

  tags = {
    Owner = "orders-team"
  }
}

resource "aws_security_group" "orders" {
  name        = "orders-database"
  description = "PostgreSQL for the orders service"
  vpc_id      = var.vpc_id

  tags = {
    Owner = "orders-team"
  }
}

resource "aws_vpc_security_group_ingress_rule" "application" {
  security_group_id            = aws_security_group.orders.id
  description                  = "PostgreSQL from the orders service"
  referenced_security_group_id = var.application_security_group_id
  from_port                    = 6432
  to_port                      = 6432
  ip_protocol                  = "tcp"
}

resource "aws_db_parameter_group" "orders" {
  name   = "orders-postgres17"
  family = "postgres17"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_connections"
    value = "1"
  }

  parameter {
    name  = "log_disconnections"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

resource "aws_db_instance" "orders" {
  identifier     = "orders"
  engine         = "postgres"
  engine_version = "17.2"
  instance_class = "db.m7g.large"

  allocated_storage     = 100
  max_allocated_storage = 400
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_name                       = "orders"
  username                      = "orders_owner"
  port                          = 6432
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn
  ca_cert_identifier            = "rds-ca-rsa2048-g1"

  iam_database_authentication_enabled = true

  db_subnet_group_name   = aws_db_subnet_group.orders.name
  parameter_group_name   = aws_db_parameter_group.orders.name
  vpc_security_group_ids = [aws_security_group.orders.id]
  publicly_accessible    = false
  multi_az               = true

  backup_retention_period    = 35
  copy_tags_to_snapshot      = true
  skip_final_snapshot        = false
  final_snapshot_identifier  = "orders-final"
  deletion_protection        = true
  delete_automated_backups   = false
  auto_minor_version_upgrade = true

  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  monitoring_interval             = 60
  monitoring_role_arn             = var.monitoring_role_arn
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn

  tags = {
    Owner       = "orders-team"
    Environment = "production"
  }
}
