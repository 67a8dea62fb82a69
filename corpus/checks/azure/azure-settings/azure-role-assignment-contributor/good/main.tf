resource "azurerm_role_assignment" "main" {
  principal_id         = "00000000-0000-0000-0000-000000000000"
  scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
  role_definition_name = "Reader"
}
