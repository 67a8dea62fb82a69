resource "alicloud_ros_stack" "shop" {
  stack_name          = "shop"
  template_url        = "oss://acme-stacks/shop.json"
  deletion_protection = "Enabled"
}
