resource "azurerm_eventhub_namespace" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  sku                           = "Standard"
  public_network_access_enabled = var.public_network_access_enabled
}

variable "public_network_access_enabled" {
  type = bool
}
