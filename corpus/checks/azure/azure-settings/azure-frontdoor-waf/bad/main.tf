resource "azurerm_frontdoor" "main" {
  name                = "main"
  resource_group_name = "main"

  routing_rule {
    name               = "web"
    accepted_protocols = ["Https"]
    patterns_to_match  = ["/*"]
    frontend_endpoints = ["web"]
  }

  backend_pool_load_balancing {
    name = "web"
  }

  backend_pool_health_probe {
    name = "web"
  }

  backend_pool {
    name                = "web"
    load_balancing_name = "web"
    health_probe_name   = "web"

    backend {
      host_header = "www.example.com"
      address     = "www.example.com"
      http_port   = 80
      https_port  = 443
    }
  }

  frontend_endpoint {
    name      = "web"
    host_name = "main.azurefd.net"
  }
}
