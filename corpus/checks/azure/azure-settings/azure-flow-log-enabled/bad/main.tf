resource "azurerm_network_watcher_flow_log" "main" {
  name                 = "main"
  resource_group_name  = "main"
  network_watcher_name = "main"
  storage_account_id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Storage/storageAccounts/main"
  enabled              = false

  retention_policy {
    days    = 365
    enabled = true
  }
}
