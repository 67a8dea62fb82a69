provider "openstack" {
  auth_url = "https://keystone.example.com:5000/v3"
  password = var.text
}

variable "text" {
  type = string
}
