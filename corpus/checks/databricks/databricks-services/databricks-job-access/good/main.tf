resource "databricks_job" "load" {
  name = "load"
}

resource "databricks_permissions" "load" {
  job_id = databricks_job.load.id

  access_control {
    group_name       = "data-engineers"
    permission_level = "CAN_MANAGE_RUN"
  }
}
