resource "azurerm_servicebus_namespace" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Premium"

  customer_managed_key {
    key_vault_key_id = "https://main.vault.azure.net/keys/main"
    identity_id      = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.ManagedIdentity/userAssignedIdentities/main"
  }
}
