resource "azurerm_managed_disk" "main" {
  name                   = "main"
  resource_group_name    = "main"
  location               = "westeurope"
  create_option          = "Empty"
  storage_account_type   = "Premium_LRS"
  disk_encryption_set_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Compute/diskEncryptionSets/main"
}
