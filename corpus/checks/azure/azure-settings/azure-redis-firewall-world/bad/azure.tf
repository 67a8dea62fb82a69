resource "azurerm_redis_firewall_rule" "main" {
  name                = "main"
  resource_group_name = "main"
  redis_cache_name    = "main"
  start_ip            = "0.0.0.0"
  end_ip              = "0.0.0.0"
}
