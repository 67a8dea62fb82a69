resource "azurerm_iothub" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  public_network_access_enabled = var.public_network_access_enabled

  sku {
    name     = "S1"
    capacity = 1
  }
}

variable "public_network_access_enabled" {
  type = bool
}
