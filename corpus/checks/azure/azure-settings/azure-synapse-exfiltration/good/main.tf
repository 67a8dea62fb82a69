resource "azurerm_synapse_workspace" "main" {
  name                                 = "main"
  resource_group_name                  = "main"
  location                             = "westeurope"
  storage_data_lake_gen2_filesystem_id = "https://main.dfs.core.windows.net/main"
  managed_virtual_network_enabled      = true
  data_exfiltration_protection_enabled = true
}
