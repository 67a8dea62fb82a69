resource "azurerm_network_interface" "app" {
  name                  = "app"
  resource_group_name   = "app"
  location              = "westeurope"
  ip_forwarding_enabled = var.ip_forwarding_enabled
}

variable "ip_forwarding_enabled" {
  type = bool
}
