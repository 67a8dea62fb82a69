resource "azurerm_kubernetes_cluster" "apps" {
  name                = "apps"
  resource_group_name = "apps"
  location            = "westeurope"
  dns_prefix          = "apps"
}
