resource "azurerm_kubernetes_cluster" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  dns_prefix          = "main"

  default_node_pool {
    name       = "system"
    node_count = 3
  }

  identity {
    type = "SystemAssigned"
  }
}
