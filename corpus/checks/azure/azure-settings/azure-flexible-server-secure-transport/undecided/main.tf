resource "azurerm_mysql_flexible_server_configuration" "main" {
  name                = "require_secure_transport"
  resource_group_name = "main"
  server_name         = "main"
  value               = var.value
}

variable "value" {
  type = string
}
