resource "azurerm_eventhub_namespace" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  sku                 = "Standard"
  minimum_tls_version = var.minimum_tls_version
}

variable "minimum_tls_version" {
  type = string
}
