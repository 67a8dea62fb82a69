resource "azurerm_linux_web_app" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  service_plan_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Web/serverFarms/main"

  site_config {}

  logs {
    failed_request_tracing = true
  }
}
