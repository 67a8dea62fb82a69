resource "azurerm_postgresql_flexible_server_configuration" "main" {
  name      = "log_checkpoints"
  server_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.DBforPostgreSQL/flexibleServers/main"
  value     = var.value
}

variable "value" {
  type = string
}
