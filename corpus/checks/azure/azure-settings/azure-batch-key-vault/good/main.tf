resource "azurerm_batch_account" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  key_vault_reference {
    id  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.KeyVault/vaults/main"
    url = "https://main.vault.azure.net/"
  }
}
