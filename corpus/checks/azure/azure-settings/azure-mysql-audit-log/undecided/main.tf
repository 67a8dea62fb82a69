resource "azurerm_mysql_flexible_server_configuration" "main" {
  name                = "audit_log_enabled"
  resource_group_name = "main"
  server_name         = "main"
  value               = var.value
}

variable "value" {
  type = string
}
