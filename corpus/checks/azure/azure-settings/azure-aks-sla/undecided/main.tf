resource "azurerm_kubernetes_cluster" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  dns_prefix          = "main"
  sku_tier            = var.sku_tier

  default_node_pool {
    name       = "system"
    node_count = 3
  }

  identity {
    type = "SystemAssigned"
  }
}

variable "sku_tier" {
  type = string
}
