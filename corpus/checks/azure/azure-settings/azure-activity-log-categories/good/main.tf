resource "azurerm_monitor_log_profile" "main" {
  resource_group_name = "main"
  location            = "westeurope"
  name                = "main"
  locations           = ["global"]
  categories          = ["Action", "Delete", "Write"]

  retention_policy {
    enabled = true
    days    = 365
  }
}
