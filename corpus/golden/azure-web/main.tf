variable "resource_group_name" {
  type = string
}

variable "location" {
  type = string
}

variable "service_plan_id" {
  type = string
}

variable "subnet_id" {
  type = string
}

variable "client_id" {
  type = string
}

variable "tenant_endpoint" {
  type = string
}

resource "azurerm_linux_web_app" "shop" {
  name                          = "harbor-shop"
  resource_group_name           = var.resource_group_name
  location                      = var.location
  service_plan_id               = var.service_plan_id
  https_only                    = true
  public_network_access_enabled = false
  client_certificate_enabled    = true
  client_certificate_mode       = "Required"
  virtual_network_subnet_id     = var.subnet_id

  ftp_publish_basic_authentication_enabled       = false
  webdeploy_publish_basic_authentication_enabled = false

  identity {
    type = "SystemAssigned"
  }

  site_config {
    always_on                = true
    ftps_state               = "Disabled"
    http2_enabled            = true
    minimum_tls_version      = "1.2"
    scm_minimum_tls_version  = "1.2"
    remote_debugging_enabled = false
    vnet_route_all_enabled   = true
    health_check_path        = "/healthz"

    health_check_eviction_time_in_min = 5

    application_stack {
      python_version = "3.13"
    }
  }

  auth_settings_v2 {
    auth_enabled           = true
    require_authentication = true
    unauthenticated_action = "Return401"

    active_directory_v2 {
      client_id            = var.client_id
      tenant_auth_endpoint = var.tenant_endpoint
    }

    login {
      token_store_enabled = true
    }
  }

  logs {
    detailed_error_messages = true
    failed_request_tracing  = true

    http_logs {
      file_system {
        retention_in_days = 90
        retention_in_mb   = 100
      }
    }
  }

  tags = {
    owner       = "shop-team"
    environment = "production"
  }
}
