resource "azurerm_container_group" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  os_type             = "Linux"
  ip_address_type     = var.ip_address_type

  container {
    name   = "web"
    cpu    = 1
    image  = "example.azurecr.io/web@sha256:4c2d7fcf0a1d6b2f0c1f7a44f8a6f5c3f1e59e57e6c7a5c2a8a9ac3bd5c4a511"
    memory = 1
  }
}

variable "ip_address_type" {
  type = string
}
