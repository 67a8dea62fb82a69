resource "azurerm_network_security_group" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  security_rule {
    name                       = "rule"
    priority                   = 100
    direction                  = "Outbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "443"
    source_address_prefix      = "*"
    destination_address_prefix = "*"
  }
}
