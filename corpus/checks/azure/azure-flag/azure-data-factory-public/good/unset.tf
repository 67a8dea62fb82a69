resource "azurerm_data_factory" "etl" {
  name                   = "etl"
  resource_group_name    = "etl"
  location               = "westeurope"
  public_network_enabled = false
}
