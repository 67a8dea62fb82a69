resource "azurerm_key_vault" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku_name            = "standard"
  tenant_id           = "00000000-0000-0000-0000-000000000000"

  network_acls {
    bypass         = "AzureServices"
    default_action = var.default_action
  }
}

variable "default_action" {
  type = string
}
