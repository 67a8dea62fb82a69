resource "alicloud_nas_access_rule" "app" {
  access_group_name = "app"
  source_cidr_ip    = "10.0.0.0/16"
}
