resource "azurerm_eventhub_namespace" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Standard"
}
