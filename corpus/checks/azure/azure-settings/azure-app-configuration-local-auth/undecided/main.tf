resource "azurerm_app_configuration" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  local_auth_enabled  = var.local_auth_enabled
}

variable "local_auth_enabled" {
  type = bool
}
