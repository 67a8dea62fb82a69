resource "azurerm_key_vault_key" "main" {
  name         = "main"
  key_opts     = ["decrypt", "encrypt"]
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.KeyVault/vaults/main"
  key_type     = "RSA"
}
