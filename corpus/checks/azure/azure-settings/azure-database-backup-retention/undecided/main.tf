resource "azurerm_postgresql_flexible_server" "main" {
  name                  = "main"
  resource_group_name   = "main"
  location              = "westeurope"
  backup_retention_days = var.backup_retention_days
}

variable "backup_retention_days" {
  type = number
}
