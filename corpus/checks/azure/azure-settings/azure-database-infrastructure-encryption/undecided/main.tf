resource "azurerm_postgresql_server" "main" {
  name                              = "main"
  resource_group_name               = "main"
  location                          = "westeurope"
  sku_name                          = "GP_Gen5_2"
  version                           = "11"
  administrator_login               = "orders_owner"
  ssl_enforcement_enabled           = true
  infrastructure_encryption_enabled = var.infrastructure_encryption_enabled
}

variable "infrastructure_encryption_enabled" {
  type = bool
}
