resource "alicloud_slb_load_balancer" "web" {
  load_balancer_name = "web"
  address_type       = "intranet"
  delete_protection  = "on"
}
