locals {
  publicly_accessible = false
}

resource "aws_redshiftserverless_workgroup" "reports" {
  namespace_name      = "reports"
  workgroup_name      = "reports"
  publicly_accessible = local.publicly_accessible
}
