resource "azurerm_cdn_endpoint" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  profile_name        = "main"
  is_http_allowed     = false

  origin {
    name      = "web"
    host_name = "www.example.com"
  }
}
