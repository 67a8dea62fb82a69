resource "azurerm_redis_cache" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  capacity            = 1
  family              = "C"
  sku_name            = "Standard"
}
