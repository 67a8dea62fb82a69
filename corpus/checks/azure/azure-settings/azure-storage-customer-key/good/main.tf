resource "azurerm_storage_account" "main" {
  name                     = "main"
  resource_group_name      = "main"
  location                 = "westeurope"
  account_replication_type = "ZRS"
  account_tier             = "Standard"

  customer_managed_key {
    key_vault_key_id          = "https://main.vault.azure.net/keys/main/0"
    user_assigned_identity_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.ManagedIdentity/userAssignedIdentities/main"
  }
}
