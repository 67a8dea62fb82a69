resource "azurerm_key_vault" "billing" {
  name                = "kv-billing"
  location            = "westeurope"
  resource_group_name = "rg-billing"
  tenant_id           = "11111111-1111-1111-1111-111111111111"
  sku_name            = "standard"
}

resource "azurerm_monitor_diagnostic_setting" "billing" {
  name                       = "metrics"
  target_resource_id         = azurerm_key_vault.billing.id
  log_analytics_workspace_id = "/subscriptions/0/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/central"

  enabled_metric {
    category = "AllMetrics"
  }
}
