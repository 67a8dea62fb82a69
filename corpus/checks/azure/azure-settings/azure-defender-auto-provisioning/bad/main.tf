resource "azurerm_security_center_auto_provisioning" "main" {
  auto_provision = "Off"
}
