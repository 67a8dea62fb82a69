resource "azurerm_postgresql_server" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  sku_name                      = "GP_Gen5_2"
  version                       = "11"
  administrator_login           = "orders_owner"
  ssl_enforcement_enabled       = true
  public_network_access_enabled = false
}
