resource "azurerm_key_vault" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku_name            = "standard"
  tenant_id           = "00000000-0000-0000-0000-000000000000"
}

resource "azurerm_monitor_diagnostic_setting" "main" {
  name                       = "main"
  target_resource_id         = azurerm_key_vault.main.id
  log_analytics_workspace_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.OperationalInsights/workspaces/main"

  enabled_log {
    category = "AuditEvent"
  }
}
