resource "azurerm_key_vault_secret" "main" {
  name         = "main"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.KeyVault/vaults/main"
}
