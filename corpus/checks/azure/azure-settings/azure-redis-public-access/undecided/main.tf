resource "azurerm_redis_cache" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  capacity                      = 1
  family                        = "C"
  sku_name                      = "Standard"
  public_network_access_enabled = var.public_network_access_enabled
}

variable "public_network_access_enabled" {
  type = bool
}
