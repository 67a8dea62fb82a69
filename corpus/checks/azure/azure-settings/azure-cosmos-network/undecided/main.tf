resource "azurerm_cosmosdb_account" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  offer_type                    = "Standard"
  public_network_access_enabled = var.public_network_access_enabled

  consistency_policy {
    consistency_level = "Session"
  }

  geo_location {
    location          = "westeurope"
    failover_priority = 0
  }
}

variable "public_network_access_enabled" {
  type = bool
}
