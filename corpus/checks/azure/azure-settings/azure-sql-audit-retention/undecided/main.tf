resource "azurerm_mssql_server_extended_auditing_policy" "main" {
  server_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Sql/servers/main"
  retention_in_days = var.retention_in_days
}

variable "retention_in_days" {
  type = number
}
