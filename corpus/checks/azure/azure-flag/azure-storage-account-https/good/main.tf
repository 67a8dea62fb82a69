locals {
  https_traffic_only_enabled = true
}

resource "azurerm_storage_account" "logs" {
  name                       = "examplelogs"
  resource_group_name        = "logs"
  location                   = "westeurope"
  account_tier               = "Standard"
  account_replication_type   = "ZRS"
  https_traffic_only_enabled = local.https_traffic_only_enabled
}
