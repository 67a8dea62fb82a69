resource "azurerm_key_vault" "main" {
  name                     = "main"
  resource_group_name      = "main"
  location                 = "westeurope"
  sku_name                 = "standard"
  tenant_id                = "00000000-0000-0000-0000-000000000000"
  purge_protection_enabled = var.purge_protection_enabled
}

variable "purge_protection_enabled" {
  type = bool
}
