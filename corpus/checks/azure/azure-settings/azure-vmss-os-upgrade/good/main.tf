resource "azurerm_virtual_machine_scale_set" "main" {
  name                 = "main"
  resource_group_name  = "main"
  location             = "westeurope"
  upgrade_policy_mode  = "Rolling"
  automatic_os_upgrade = true

  network_profile {
    name    = "main"
    primary = true

    ip_configuration {
      name      = "main"
      primary   = true
      subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/virtualNetworks/main/subnets/main"
    }
  }

  os_profile {
    admin_username       = "operator"
    computer_name_prefix = "web"
  }

  storage_profile_os_disk {
    create_option = "Empty"
  }

  sku {
    name     = "Standard_D2s_v5"
    capacity = 2
  }
}
