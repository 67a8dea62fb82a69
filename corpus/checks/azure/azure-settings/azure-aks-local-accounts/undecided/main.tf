resource "azurerm_kubernetes_cluster" "main" {
  name                   = "main"
  resource_group_name    = "main"
  location               = "westeurope"
  dns_prefix             = "main"
  local_account_disabled = var.local_account_disabled

  default_node_pool {
    name       = "system"
    node_count = 3
  }

  identity {
    type = "SystemAssigned"
  }
}

variable "local_account_disabled" {
  type = bool
}
