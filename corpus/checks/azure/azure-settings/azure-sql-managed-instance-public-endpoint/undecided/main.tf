resource "azurerm_mssql_managed_instance" "main" {
  name                         = "main"
  resource_group_name          = "main"
  location                     = "westeurope"
  license_type                 = "BasePrice"
  sku_name                     = "GP_Gen5"
  storage_size_in_gb           = 32
  subnet_id                    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/virtualNetworks/main/subnets/main"
  vcores                       = 4
  public_data_endpoint_enabled = var.public_data_endpoint_enabled
}

variable "public_data_endpoint_enabled" {
  type = bool
}
