resource "azurerm_kubernetes_cluster" "main" {
  name                              = "main"
  resource_group_name               = "main"
  location                          = "westeurope"
  dns_prefix                        = "main"
  role_based_access_control_enabled = false

  default_node_pool {
    name       = "system"
    node_count = 3
  }

  identity {
    type = "SystemAssigned"
  }
}
