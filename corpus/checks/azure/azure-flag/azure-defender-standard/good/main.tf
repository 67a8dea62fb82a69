resource "azurerm_security_center_subscription_pricing" "vms" {
  resource_type = "VirtualMachines"
  tier          = "Standard"
}
