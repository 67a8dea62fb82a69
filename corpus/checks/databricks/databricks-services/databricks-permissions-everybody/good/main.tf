resource "databricks_permissions" "job" {
  job_id = "42"

  access_control {
    group_name       = "data-engineers"
    permission_level = "CAN_MANAGE"
  }
}
