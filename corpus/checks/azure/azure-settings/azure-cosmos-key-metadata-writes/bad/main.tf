resource "azurerm_cosmosdb_account" "main" {
  name                               = "main"
  resource_group_name                = "main"
  location                           = "westeurope"
  offer_type                         = "Standard"
  access_key_metadata_writes_enabled = true

  consistency_policy {
    consistency_level = "Session"
  }

  geo_location {
    location          = "westeurope"
    failover_priority = 0
  }
}
