resource "azurerm_virtual_machine" "main" {
  name                  = "main"
  resource_group_name   = "main"
  location              = "westeurope"
  network_interface_ids = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/networkInterfaces/main"]
  vm_size               = "Standard_D2s_v5"

  storage_os_disk {
    name              = "os"
    create_option     = "FromImage"
    managed_disk_type = "Premium_LRS"
  }

  os_profile {
    computer_name  = "web"
    admin_username = "operator"
    custom_data    = "export REGION=westeurope\n"
  }
}
