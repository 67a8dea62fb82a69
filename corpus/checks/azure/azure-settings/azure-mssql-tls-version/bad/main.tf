resource "azurerm_mssql_server" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  version             = "12.0"
  minimum_tls_version = "1.0"
}
