resource "azurerm_storage_container" "main" {
  name                  = "main"
  container_access_type = "blob"
}
