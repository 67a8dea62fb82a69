resource "azurerm_app_configuration" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
}
