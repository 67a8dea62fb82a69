resource "azurerm_storage_account" "main" {
  name                     = "main"
  resource_group_name      = "main"
  location                 = "westeurope"
  account_replication_type = "ZRS"
  account_tier             = "Standard"
}
