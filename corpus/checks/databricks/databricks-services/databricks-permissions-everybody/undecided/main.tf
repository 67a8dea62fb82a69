resource "databricks_permissions" "job" {
  job_id = "42"

  access_control {
    group_name       = var.text
    permission_level = "CAN_MANAGE"
  }
}

variable "text" {
  type = string
}
