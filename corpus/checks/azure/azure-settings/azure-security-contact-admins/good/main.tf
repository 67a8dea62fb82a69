resource "azurerm_security_center_contact" "main" {
  name                = "main"
  alert_notifications = true
  email               = "security@example.com"
  alerts_to_admins    = true
}
