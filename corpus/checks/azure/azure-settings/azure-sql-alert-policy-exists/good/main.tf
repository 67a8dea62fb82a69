resource "azurerm_mssql_server" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  version             = "12.0"
}

resource "azurerm_mssql_server_security_alert_policy" "main" {
  resource_group_name = "main"
  server_name         = azurerm_mssql_server.main.name
  state               = "Enabled"
}
