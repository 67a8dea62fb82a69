resource "azurerm_monitor_log_profile" "main" {
  resource_group_name = "main"
  location            = "westeurope"
  name                = "main"
  locations           = ["global"]
  categories          = var.categories

  retention_policy {
    enabled = true
    days    = 365
  }
}

variable "categories" {
  type = list(string)
}
