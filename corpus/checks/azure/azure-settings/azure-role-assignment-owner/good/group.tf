resource "azurerm_resource_group" "shop" {
  name     = "rg-shop"
  location = "westeurope"
}

resource "azurerm_role_assignment" "main" {
  principal_id         = "00000000-0000-0000-0000-000000000000"
  scope                = azurerm_resource_group.shop.id
  role_definition_name = "Owner"
}
