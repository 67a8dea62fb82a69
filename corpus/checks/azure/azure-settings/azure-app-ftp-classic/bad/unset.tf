resource "azurerm_app_service" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  app_service_plan_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Web/serverFarms/main"
}
