resource "aws_dms_endpoint" "source" {
  endpoint_id   = "source"
  endpoint_type = "source"
  engine_name   = "postgres"
  server_name   = "legacy.example.internal"
  port          = 5432
  ssl_mode      = var.ssl_mode
}

variable "ssl_mode" {
  type = string
}
