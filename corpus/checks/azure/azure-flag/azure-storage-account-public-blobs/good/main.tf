resource "azurerm_storage_account" "logs" {
  name                            = "examplelogs"
  resource_group_name             = "logs"
  location                        = "westeurope"
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  allow_nested_items_to_be_public = var.allow_nested_items_to_be_public
}

variable "allow_nested_items_to_be_public" {
  type    = bool
  default = false
}
