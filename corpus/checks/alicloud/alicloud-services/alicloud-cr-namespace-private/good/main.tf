resource "alicloud_cr_namespace" "acme" {
  name               = "acme"
  auto_create        = false
  default_visibility = "PRIVATE"
}
