resource "azurerm_kubernetes_cluster" "apps" {
  name                    = "apps"
  resource_group_name     = "apps"
  location                = "westeurope"
  dns_prefix              = "apps"
  private_cluster_enabled = var.private_cluster_enabled
}

variable "private_cluster_enabled" {
  type = bool
}
