resource "azurerm_storage_account" "main" {
  name                     = "main"
  resource_group_name      = "main"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = var.account_replication_type
}

variable "account_replication_type" {
  type = string
}
