resource "azurerm_key_vault" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku_name            = "standard"
  tenant_id           = "00000000-0000-0000-0000-000000000000"
  soft_delete_enabled = var.soft_delete_enabled
}

variable "soft_delete_enabled" {
  type = bool
}
