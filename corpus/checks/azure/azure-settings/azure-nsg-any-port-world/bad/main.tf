resource "azurerm_network_security_rule" "main" {
  name                        = "rule"
  resource_group_name         = "main"
  network_security_group_name = "main"
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  destination_port_range      = "8080"
  source_address_prefix       = "*"
  destination_address_prefix  = "*"
}
