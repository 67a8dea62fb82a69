resource "azurerm_virtual_network" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  subnet {
    name             = "web"
    address_prefixes = ["10.0.1.0/24"]
    security_group   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/networkSecurityGroups/main"
  }
}
