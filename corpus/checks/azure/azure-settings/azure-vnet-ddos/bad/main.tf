resource "azurerm_virtual_network" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  ddos_protection_plan {
    id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/ddosProtectionPlans/main"
    enable = false
  }
}
