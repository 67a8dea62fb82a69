resource "azurerm_storage_account" "logs" {
  name                     = "examplelogs"
  resource_group_name      = "logs"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  min_tls_version          = var.min_tls_version
}

variable "min_tls_version" {
  type = string
}
