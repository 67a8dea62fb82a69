resource "azurerm_automation_account" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  sku_name                      = "standard"
  public_network_access_enabled = true
}
