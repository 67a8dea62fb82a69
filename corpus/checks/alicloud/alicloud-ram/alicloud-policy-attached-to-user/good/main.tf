resource "alicloud_ram_group_policy_attachment" "read" {
  policy_name = "ReadFiles"
  policy_type = "Custom"
  group_name  = "readers"
}
