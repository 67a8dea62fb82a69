resource "azurerm_windows_virtual_machine" "main" {
  name                      = "main"
  resource_group_name       = "main"
  location                  = "westeurope"
  network_interface_ids     = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/networkInterfaces/main"]
  size                      = "Standard_D2s_v5"
  automatic_updates_enabled = false

  os_disk {
    caching = "ReadWrite"
  }
}
