resource "azurerm_machine_learning_workspace" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  application_insights_id       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Insights/components/main"
  key_vault_id                  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.KeyVault/vaults/main"
  storage_account_id            = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Storage/storageAccounts/main"
  public_network_access_enabled = true

  identity {
    type = "SystemAssigned"
  }
}
