resource "azurerm_data_factory" "etl" {
  name                   = "etl"
  resource_group_name    = "etl"
  location               = "westeurope"
  public_network_enabled = var.public_network_enabled
}

variable "public_network_enabled" {
  type = bool
}
