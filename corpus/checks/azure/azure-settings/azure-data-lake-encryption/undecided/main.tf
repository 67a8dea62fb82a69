resource "azurerm_data_lake_store" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  encryption_state    = var.encryption_state
}

variable "encryption_state" {
  type = string
}
