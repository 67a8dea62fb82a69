resource "azurerm_storage_table" "main" {
  name                 = "main"
  storage_account_name = "main"

  acl {
    id = "partners"

    access_policy {
      permissions = "raud"
      start       = "2026-01-01T00:00:00Z"
      expiry      = "2026-02-01T00:00:00Z"
    }
  }
}
