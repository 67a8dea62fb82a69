resource "azurerm_managed_disk" "main" {
  name                 = "main"
  resource_group_name  = "main"
  location             = "westeurope"
  create_option        = "Empty"
  storage_account_type = "Premium_LRS"

  encryption_settings {
    enabled = false

    disk_encryption_key {
      secret_url      = "https://main.vault.azure.net/secrets/disk/0"
      source_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.KeyVault/vaults/main"
    }
  }
}
