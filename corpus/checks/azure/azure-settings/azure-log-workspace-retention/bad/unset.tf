resource "azurerm_log_analytics_workspace" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
}
