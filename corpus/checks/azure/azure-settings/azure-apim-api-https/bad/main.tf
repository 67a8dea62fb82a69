resource "azurerm_api_management_api" "main" {
  name                = "orders"
  resource_group_name = "main"
  api_management_name = "main"
  revision            = "1"
  display_name        = "Orders"
  path                = "orders"
  protocols           = ["http", "https"]
}
