resource "azurerm_mssql_server" "main" {
  name                          = "main"
  resource_group_name           = "main"
  location                      = "westeurope"
  version                       = "12.0"
  public_network_access_enabled = var.public_network_access_enabled
}

variable "public_network_access_enabled" {
  type = bool
}
