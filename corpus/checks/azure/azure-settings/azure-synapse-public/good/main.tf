resource "azurerm_synapse_workspace" "main" {
  name                                 = "main"
  resource_group_name                  = "main"
  location                             = "westeurope"
  storage_data_lake_gen2_filesystem_id = "https://main.dfs.core.windows.net/main"
  public_network_access_enabled        = false
}
