resource "azurerm_cdn_frontdoor_firewall_policy" "main" {
  name                = "main"
  resource_group_name = "main"
  sku_name            = "Premium_AzureFrontDoor"
  mode                = "Detection"
}
