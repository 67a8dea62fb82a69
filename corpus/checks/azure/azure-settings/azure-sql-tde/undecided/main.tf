resource "azurerm_mssql_database" "main" {
  name                                = "main"
  server_id                           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Sql/servers/main"
  transparent_data_encryption_enabled = var.transparent_data_encryption_enabled
}

variable "transparent_data_encryption_enabled" {
  type = bool
}
