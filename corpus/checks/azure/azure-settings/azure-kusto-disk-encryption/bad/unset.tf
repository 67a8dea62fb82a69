resource "azurerm_kusto_cluster" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  sku {
    name     = "Standard_D13_v2"
    capacity = 2
  }
}
