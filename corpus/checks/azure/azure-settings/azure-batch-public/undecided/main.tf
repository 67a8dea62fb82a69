resource "azurerm_batch_account" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  public_network_access_enabled = var.public_network_access_enabled
}

variable "public_network_access_enabled" {
  type = bool
}
