resource "aws_redshiftserverless_namespace" "reports" {
  namespace_name = "reports"
}

resource "aws_kms_key" "warehouse" {
  description         = "Warehouse"
  enable_key_rotation = true
}
