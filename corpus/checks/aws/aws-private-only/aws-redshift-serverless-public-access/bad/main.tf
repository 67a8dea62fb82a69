locals {
  publicly_accessible = true
}

resource "aws_redshiftserverless_workgroup" "reports" {
  namespace_name      = "reports"
  workgroup_name      = "reports"
  publicly_accessible = local.publicly_accessible
}
