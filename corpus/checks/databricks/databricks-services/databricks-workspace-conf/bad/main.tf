resource "databricks_workspace_conf" "conf" {
  custom_config = {
    "enableIpAccessLists" = false
  }
}
