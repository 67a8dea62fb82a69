locals {
  minimum_tls_version = "1.0"
}

resource "azurerm_windows_web_app" "shop" {
  name                = "shop"
  resource_group_name = "shop"
  location            = "westeurope"
  service_plan_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop/providers/Microsoft.Web/serverFarms/shop"

  site_config {
    minimum_tls_version = local.minimum_tls_version
  }
}
