resource "azurerm_container_registry" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Premium"
}

resource "azurerm_management_lock" "main" {
  name       = "main"
  scope      = azurerm_container_registry.main.id
  lock_level = "CanNotDelete"
}
