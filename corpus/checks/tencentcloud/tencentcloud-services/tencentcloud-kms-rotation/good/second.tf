resource "tencentcloud_kms_key" "data" {
  alias                = "data"
  is_enabled           = true
  key_rotation_enabled = true
}
