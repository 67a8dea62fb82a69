resource "azurerm_storage_account_network_rules" "main" {
  storage_account_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Storage/storageAccounts/main"
  default_action     = "Allow"
}
