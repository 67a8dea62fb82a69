resource "azurerm_network_security_group" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  security_rule {
    name                       = "rule"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "5432"
    source_address_prefix      = var.address_prefix
    destination_address_prefix = "*"
  }
}

variable "address_prefix" {
  type = string
}
