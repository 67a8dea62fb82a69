resource "azurerm_mssql_server" "main" {
  name                         = "main"
  resource_group_name          = "main"
  location                     = "westeurope"
  version                      = "12.0"
  administrator_login          = "orders_owner"
  administrator_login_password = var.password
}

variable "password" {
  type = string
}
