resource "azurerm_subnet" "main" {
  name                 = "main"
  resource_group_name  = "main"
  virtual_network_name = "main"
}
