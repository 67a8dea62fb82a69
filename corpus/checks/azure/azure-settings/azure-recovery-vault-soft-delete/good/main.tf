resource "azurerm_recovery_services_vault" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Standard"
  soft_delete_enabled = true
}
