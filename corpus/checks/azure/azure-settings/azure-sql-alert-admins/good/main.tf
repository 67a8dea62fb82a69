resource "azurerm_mssql_server_security_alert_policy" "main" {
  resource_group_name  = "main"
  server_name          = "main"
  state                = "Enabled"
  email_account_admins = true
}
