resource "azurerm_automation_variable_string" "main" {
  name                    = "main"
  resource_group_name     = "main"
  automation_account_name = "main"
  value                   = "https://example.com"
  encrypted               = var.encrypted
}

variable "encrypted" {
  type = bool
}
