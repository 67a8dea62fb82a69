resource "azurerm_linux_virtual_machine" "main" {
  name                       = "main"
  resource_group_name        = "main"
  location                   = "westeurope"
  network_interface_ids      = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/networkInterfaces/main"]
  size                       = "Standard_D2s_v5"
  allow_extension_operations = var.allow_extension_operations

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }

  admin_ssh_key {
    username   = "operator"
    public_key = file("operator.pub")
  }
}

variable "allow_extension_operations" {
  type = bool
}
