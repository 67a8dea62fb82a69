resource "azurerm_databricks_workspace" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  sku                           = "Standard"
  public_network_access_enabled = false
}
