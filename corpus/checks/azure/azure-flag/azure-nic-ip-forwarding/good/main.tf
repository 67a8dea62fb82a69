resource "azurerm_network_interface" "app" {
  name                  = "app"
  resource_group_name   = "app"
  location              = "westeurope"
  ip_forwarding_enabled = false
}
