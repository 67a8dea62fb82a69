resource "azurerm_mssql_firewall_rule" "office" {
  name             = "office"
  server_id        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Sql/servers/main"
  start_ip_address = "198.51.100.0"
  end_ip_address   = "203.0.113.9"
}
