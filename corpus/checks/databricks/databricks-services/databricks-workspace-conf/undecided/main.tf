resource "databricks_workspace_conf" "conf" {
  custom_config = {
    "enableIpAccessLists" = var.flag
  }
}

variable "flag" {
  type = bool
}
