resource "azurerm_managed_disk" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  create_option                 = "Empty"
  storage_account_type          = "Premium_LRS"
  public_network_access_enabled = false
}
