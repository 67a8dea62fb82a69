resource "azurerm_cognitive_account" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  kind                          = "OpenAI"
  sku_name                      = "S0"
  public_network_access_enabled = true
}
