resource "azurerm_virtual_network" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  subnet {
    name             = "web"
    address_prefixes = ["10.0.1.0/24"]
    security_group   = var.security_group
  }
}

variable "security_group" {
  type = string
}
