resource "azurerm_cosmosdb_account" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  offer_type          = "Standard"
  key_vault_key_id    = "https://main.vault.azure.net/keys/main"

  consistency_policy {
    consistency_level = "Session"
  }

  geo_location {
    location          = "westeurope"
    failover_priority = 0
  }
}
