resource "azurerm_security_center_auto_provisioning" "main" {
  auto_provision = var.auto_provision
}

variable "auto_provision" {
  type = string
}
