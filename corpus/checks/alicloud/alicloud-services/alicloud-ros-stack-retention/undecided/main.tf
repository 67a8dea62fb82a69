resource "alicloud_ros_stack_instance" "shop" {
  stack_group_name          = "shop"
  stack_instance_account_id = "1234567890123456"
  stack_instance_region_id  = "cn-beijing"
  retain_stacks             = var.flag
}

variable "flag" {
  type = bool
}
