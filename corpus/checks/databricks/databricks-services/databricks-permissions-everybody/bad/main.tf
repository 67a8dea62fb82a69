resource "databricks_permissions" "job" {
  job_id = "42"

  access_control {
    group_name       = "users"
    permission_level = "CAN_MANAGE"
  }
}
