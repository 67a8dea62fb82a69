resource "azurerm_search_service" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "standard"

  identity {
    type = "SystemAssigned"
  }
}
