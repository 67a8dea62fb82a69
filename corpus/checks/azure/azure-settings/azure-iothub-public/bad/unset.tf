resource "azurerm_iothub" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  sku {
    name     = "S1"
    capacity = 1
  }
}
