resource "azurerm_storage_container" "main" {
  name                  = "main"
  container_access_type = var.container_access_type
}

variable "container_access_type" {
  type = string
}
