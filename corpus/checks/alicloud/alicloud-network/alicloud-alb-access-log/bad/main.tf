resource "alicloud_alb_load_balancer" "web" {
  load_balancer_name    = "web"
  load_balancer_edition = "Standard"
  address_type          = "Internet"
}
