resource "azurerm_mssql_server" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  version             = "12.0"

  azuread_administrator {
    login_username = "orders-database-operators"
    object_id      = "00000000-0000-0000-0000-000000000000"
  }
}
