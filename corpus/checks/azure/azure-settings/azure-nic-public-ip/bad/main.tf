resource "azurerm_network_interface" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  ip_configuration {
    name                          = "main"
    private_ip_address_allocation = "Dynamic"
    subnet_id                     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/virtualNetworks/main/subnets/main"
    public_ip_address_id          = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/publicIPAddresses/main"
  }
}
