resource "azurerm_subnet" "main" {
  name                 = "main"
  resource_group_name  = "main"
  virtual_network_name = "main"
}

resource "azurerm_subnet_network_security_group_association" "main" {
  subnet_id                 = azurerm_subnet.main.id
  network_security_group_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/networkSecurityGroups/main"
}
