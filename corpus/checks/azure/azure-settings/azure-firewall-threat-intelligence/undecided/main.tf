resource "azurerm_firewall_policy" "main" {
  name                     = "main"
  resource_group_name      = "main"
  location                 = "westeurope"
  threat_intelligence_mode = var.threat_intelligence_mode
}

variable "threat_intelligence_mode" {
  type = string
}
