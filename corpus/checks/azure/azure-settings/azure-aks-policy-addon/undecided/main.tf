resource "azurerm_kubernetes_cluster" "main" {
  name                 = "main"
  resource_group_name  = "main"
  location             = "westeurope"
  dns_prefix           = "main"
  azure_policy_enabled = var.azure_policy_enabled

  default_node_pool {
    name       = "system"
    node_count = 3
  }

  identity {
    type = "SystemAssigned"
  }
}

variable "azure_policy_enabled" {
  type = bool
}
