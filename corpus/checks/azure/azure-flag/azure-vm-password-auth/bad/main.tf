resource "azurerm_linux_virtual_machine" "jump" {
  name                            = "jump"
  resource_group_name             = "jump"
  location                        = "westeurope"
  size                            = "Standard_B2s"
  admin_username                  = "operator"
  disable_password_authentication = false
}
