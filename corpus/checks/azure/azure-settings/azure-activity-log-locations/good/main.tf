resource "azurerm_monitor_log_profile" "main" {
  resource_group_name = "main"
  location            = "westeurope"
  name                = "main"
  categories          = ["Action", "Delete", "Write"]
  locations           = ["eastus", "eastus2", "southcentralus", "westus2", "southeastasia", "uksouth", "westeurope", "centralus", "northcentralus", "westus", "southafricanorth", "centralindia", "eastasia", "japaneast", "koreacentral", "canadacentral", "francecentral", "norwayeast", "brazilsouth", "northeurope", "australiaeast", "australiasoutheast", "japanwest", "koreasouth", "southindia", "westindia", "canadaeast", "ukwest", "global"]

  retention_policy {
    enabled = true
    days    = 365
  }
}
