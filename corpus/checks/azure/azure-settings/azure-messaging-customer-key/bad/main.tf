resource "azurerm_servicebus_namespace" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Premium"
}
