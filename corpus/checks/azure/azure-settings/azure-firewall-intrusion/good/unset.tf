resource "azurerm_firewall_policy" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Premium"

  intrusion_detection {
    mode = "Deny"
  }
}
