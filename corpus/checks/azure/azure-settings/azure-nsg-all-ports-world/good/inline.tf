resource "azurerm_network_security_group" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  security_rule {
    name                       = "rule"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "*"
    source_port_range          = "*"
    destination_port_range     = "*"
    source_address_prefix      = "10.0.0.0/16"
    destination_address_prefix = "*"
  }
}
