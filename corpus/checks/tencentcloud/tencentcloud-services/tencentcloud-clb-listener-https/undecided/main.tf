resource "tencentcloud_clb_listener" "web" {
  clb_id        = "lb-0lh5au7v"
  listener_name = "web"
  port          = 443
  protocol      = var.text
}

variable "text" {
  type = string
}
