resource "azurerm_batch_account" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
}
