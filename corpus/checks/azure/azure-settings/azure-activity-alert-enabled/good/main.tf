resource "azurerm_monitor_activity_log_alert" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "global"
  scopes              = ["/subscriptions/00000000-0000-0000-0000-000000000000"]
  enabled             = true

  criteria {
    category       = "Administrative"
    operation_name = "Microsoft.Authorization/policyAssignments/write"
  }
}
