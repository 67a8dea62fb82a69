resource "azurerm_container_registry" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Premium"
}
