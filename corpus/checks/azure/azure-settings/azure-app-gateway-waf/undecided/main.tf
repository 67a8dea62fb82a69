resource "azurerm_application_gateway" "main" {
  name                = "main"
  resource_group_name = "main"
  location            = "westeurope"

  sku {
    name     = "WAF_v2"
    tier     = "WAF_v2"
    capacity = 2
  }

  gateway_ip_configuration {
    name      = "main"
    subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/virtualNetworks/main/subnets/main"
  }

  frontend_port {
    name = "https"
    port = 443
  }

  frontend_ip_configuration {
    name                 = "main"
    public_ip_address_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.Network/publicIPAddresses/main"
  }

  backend_address_pool {
    name = "web"
  }

  backend_http_settings {
    name                  = "web"
    cookie_based_affinity = "Disabled"
    port                  = 443
    protocol              = "Https"
  }

  http_listener {
    name                           = "web"
    frontend_ip_configuration_name = "main"
    frontend_port_name             = "https"
    protocol                       = "Https"
    ssl_certificate_name           = "web"
  }

  request_routing_rule {
    name                       = "web"
    rule_type                  = "Basic"
    http_listener_name         = "web"
    backend_address_pool_name  = "web"
    backend_http_settings_name = "web"
    priority                   = 100
  }

  waf_configuration {
    enabled          = var.enabled
    firewall_mode    = "Prevention"
    rule_set_version = "3.2"
  }
}

variable "enabled" {
  type = bool
}
