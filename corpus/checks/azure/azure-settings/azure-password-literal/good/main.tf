resource "azurerm_mssql_server" "main" {
  name                         = "main"
  resource_group_name          = "main"
  location                     = "westeurope"
  version                      = "12.0"
  administrator_login          = "orders_owner"
  administrator_login_password = random_password.main.result
}

resource "random_password" "main" {
  length = 32
}
