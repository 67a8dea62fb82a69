resource "azurerm_postgresql_flexible_server" "main" {
  name                  = "main"
  resource_group_name   = "main"
  location              = "westeurope"
  backup_retention_days = 7
}
