resource "azurerm_storage_share" "main" {
  name  = "main"
  quota = 50

  acl {
    id = "partners"

    access_policy {
      permissions = var.permissions
      start       = "2026-01-01T00:00:00Z"
      expiry      = "2026-02-01T00:00:00Z"
    }
  }
}

variable "permissions" {
  type = string
}
