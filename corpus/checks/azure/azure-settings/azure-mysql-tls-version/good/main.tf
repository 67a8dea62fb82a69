resource "azurerm_mysql_flexible_server_configuration" "main" {
  name                = "tls_version"
  resource_group_name = "main"
  server_name         = "main"
  value               = "TLSv1.2"
}
