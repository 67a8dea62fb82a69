resource "azurerm_service_fabric_cluster" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"
  management_endpoint = "https://main.westeurope.cloudapp.azure.com:19080"
  reliability_level   = "Silver"
  upgrade_mode        = "Automatic"
  vm_image            = "Linux"

  node_type {
    name                 = "system"
    instance_count       = 5
    is_primary           = true
    client_endpoint_port = 19000
    http_endpoint_port   = 19080
  }

  fabric_settings {
    name = "Security"

    parameters = {
      ClusterProtectionLevel = var.level
    }
  }
}

variable "level" {
  type = string
}
