resource "azurerm_linux_function_app" "jobs" {
  name                = "jobs"
  resource_group_name = "jobs"
  location            = "westeurope"
  service_plan_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/jobs/providers/Microsoft.Web/serverFarms/jobs"

  site_config {
    ftps_state = var.ftps_state
  }
}

variable "ftps_state" {
  type = string
}
