resource "azurerm_container_registry" "images" {
  name                = "exampleimages"
  resource_group_name = "images"
  location            = "westeurope"
  sku                 = "Premium"
  admin_enabled       = var.admin_enabled
}

variable "admin_enabled" {
  type    = bool
  default = false
}
