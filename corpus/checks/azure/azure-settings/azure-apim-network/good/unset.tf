resource "azurerm_api_management" "main" {
  name                 = "main"
  resource_group_name  = "main"
  location             = "westeurope"
  publisher_email      = "api@example.com"
  publisher_name       = "Example"
  sku_name             = "Developer_1"
  virtual_network_type = "Internal"
}
