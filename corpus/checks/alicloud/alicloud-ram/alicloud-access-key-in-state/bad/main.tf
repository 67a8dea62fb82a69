resource "alicloud_ram_access_key" "ci" {
  user_name = "ci"
}
