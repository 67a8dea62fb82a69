resource "azurerm_monitor_log_profile" "main" {
  resource_group_name = "main"
  location            = "westeurope"
  name                = "main"
  categories          = ["Action", "Delete", "Write"]
  locations           = ["global", "westeurope"]

  retention_policy {
    enabled = true
    days    = 90
  }
}
