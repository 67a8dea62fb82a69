resource "azurerm_iothub" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  public_network_access_enabled = true

  sku {
    name     = "S1"
    capacity = 1
  }
}
