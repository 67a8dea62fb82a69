resource "azurerm_role_definition" "main" {
  name              = "deployer"
  scope             = "/subscriptions/00000000-0000-0000-0000-000000000000"
  assignable_scopes = [var.scope]

  permissions {
    actions = ["Microsoft.Web/sites/read"]
  }
}

variable "scope" {
  type = string
}
