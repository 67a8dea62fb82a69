resource "aws_redshiftserverless_workgroup" "reports" {
  namespace_name      = "reports"
  workgroup_name      = "reports"
  publicly_accessible = var.publicly_accessible
}

variable "publicly_accessible" {
  type = bool
}
