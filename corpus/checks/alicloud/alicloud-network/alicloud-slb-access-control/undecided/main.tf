resource "alicloud_slb_listener" "web" {
  load_balancer_id = "lb-bp1a2b3c"
  frontend_port    = 443
  protocol         = "tcp"
  acl_type         = "white"
  acl_id           = "acl-bp1a2b3c"
  acl_status       = var.text
}

variable "text" {
  type = string
}
