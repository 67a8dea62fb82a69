resource "azurerm_security_center_contact" "main" {
  name                = "main"
  alert_notifications = true
  email               = "security@example.com"
  alerts_to_admins    = var.alerts_to_admins
}

variable "alerts_to_admins" {
  type = bool
}
