resource "azurerm_mssql_server_security_alert_policy" "main" {
  resource_group_name = "main"
  server_name         = "main"
  state               = var.state
}

variable "state" {
  type = string
}
