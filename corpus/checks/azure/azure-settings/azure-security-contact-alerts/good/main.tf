resource "azurerm_security_center_contact" "main" {
  name                = "main"
  alerts_to_admins    = true
  email               = "security@example.com"
  alert_notifications = true
}
