resource "azurerm_kubernetes_cluster" "main" {
  name                   = "main"
  resource_group_name    = "main"
  location               = "westeurope"
  dns_prefix             = "main"
  disk_encryption_set_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Compute/diskEncryptionSets/main"

  default_node_pool {
    name       = "system"
    node_count = 3
  }

  identity {
    type = "SystemAssigned"
  }
}
