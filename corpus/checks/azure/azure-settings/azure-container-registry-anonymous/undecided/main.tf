resource "azurerm_container_registry" "main" {
  name                   = "main"
  resource_group_name    = "main"
  location               = "westeurope"
  sku                    = "Premium"
  anonymous_pull_enabled = var.anonymous_pull_enabled
}

variable "anonymous_pull_enabled" {
  type = bool
}
