resource "aws_redshiftserverless_namespace" "reports" {
  namespace_name = "reports"
  kms_key_id     = var.kms_key_id
}

resource "aws_kms_key" "warehouse" {
  description         = "Warehouse"
  enable_key_rotation = true
}

variable "kms_key_id" {
  type = string
}
