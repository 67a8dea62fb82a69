resource "azurerm_kusto_cluster" "main" {
  name                    = "main"
  resource_group_name     = "main"
  location                = "westeurope"
  disk_encryption_enabled = var.disk_encryption_enabled

  sku {
    name     = "Standard_D13_v2"
    capacity = 2
  }
}

variable "disk_encryption_enabled" {
  type = bool
}
