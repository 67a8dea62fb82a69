resource "azurerm_app_configuration" "main" {
  name                     = "main"
  resource_group_name      = "main"
  location                 = "westeurope"
  sku                      = "standard"
  purge_protection_enabled = var.purge_protection_enabled
}

variable "purge_protection_enabled" {
  type = bool
}
