resource "alicloud_ros_stack" "shop" {
  stack_name       = "shop"
  stack_policy_url = "oss://acme-stacks/policy.json"
  template_url     = "oss://acme-stacks/shop.json"
}
