resource "azurerm_key_vault_secret" "orders_db" {
  name            = "orders-db"
  value           = random_password.orders_db.result
  key_vault_id    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.KeyVault/vaults/main"
  expiration_date = var.expiration_date
}

variable "expiration_date" {
  type = string
}
