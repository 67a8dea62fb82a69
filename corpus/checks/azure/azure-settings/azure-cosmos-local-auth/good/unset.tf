resource "azurerm_cosmosdb_account" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  offer_type                    = "Standard"
  local_authentication_disabled = true

  consistency_policy {
    consistency_level = "Session"
  }

  geo_location {
    location          = "westeurope"
    failover_priority = 0
  }
}
