resource "azurerm_recovery_services_vault" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Standard"
  soft_delete_enabled = var.soft_delete_enabled
}

variable "soft_delete_enabled" {
  type = bool
}
