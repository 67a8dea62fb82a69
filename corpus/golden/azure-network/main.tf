variable "resource_group_name" {
  type = string
}

variable "location" {
  type = string
}

variable "ddos_protection_plan_id" {
  type = string
}

resource "azurerm_virtual_network" "main" {
  name                = "main"
  resource_group_name = var.resource_group_name
  location            = var.location
  address_space       = ["10.60.0.0/16"]

  ddos_protection_plan {
    id     = var.ddos_protection_plan_id
    enable = true
  }

  tags = {
    owner       = "platform-team"
    environment = "production"
  }
}

resource "azurerm_subnet" "application" {
  name                 = "application"
  resource_group_name  = var.resource_group_name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.60.1.0/24"]
}

resource "azurerm_network_security_group" "application" {
  name                = "application"
  resource_group_name = var.resource_group_name
  location            = var.location

  security_rule {
    name                       = "from-gateway"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefix      = "10.60.2.0/24"
    source_port_range          = "*"
    destination_address_prefix = "10.60.1.0/24"
    destination_port_range     = "8443"
  }

  security_rule {
    name                       = "nothing-else"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }

  tags = {
    owner       = "platform-team"
    environment = "production"
  }
}

resource "azurerm_subnet_network_security_group_association" "application" {
  subnet_id                 = azurerm_subnet.application.id
  network_security_group_id = azurerm_network_security_group.application.id
}
