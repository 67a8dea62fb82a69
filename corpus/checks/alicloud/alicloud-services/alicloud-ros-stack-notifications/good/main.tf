resource "alicloud_ros_stack" "shop" {
  stack_name        = "shop"
  template_url      = "oss://acme-stacks/shop.json"
  notification_urls = ["https://ops.example.com/ros"]
}
