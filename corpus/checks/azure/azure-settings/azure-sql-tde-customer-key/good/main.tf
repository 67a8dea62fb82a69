resource "azurerm_mssql_server_transparent_data_encryption" "main" {
  server_id        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Sql/servers/main"
  key_vault_key_id = "https://main.vault.azure.net/keys/main/0"
}
