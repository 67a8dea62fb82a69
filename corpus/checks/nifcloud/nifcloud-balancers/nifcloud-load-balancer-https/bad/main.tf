resource "nifcloud_load_balancer" "web" {
  load_balancer_name = "web"
  instance_port      = 8080
  ssl_policy_name    = "Standard Ciphers D ver1"
  load_balancer_port = 80
}
