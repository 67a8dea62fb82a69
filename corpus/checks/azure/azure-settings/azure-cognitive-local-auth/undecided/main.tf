resource "azurerm_cognitive_account" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  kind                = "OpenAI"
  sku_name            = "S0"
  local_auth_enabled  = var.local_auth_enabled
}

variable "local_auth_enabled" {
  type = bool
}
