resource "nifcloud_load_balancer" "web" {
  load_balancer_name = "web"
  instance_port      = 443
  load_balancer_port = 443
  ssl_policy_name    = var.text
}

variable "text" {
  type = string
}
