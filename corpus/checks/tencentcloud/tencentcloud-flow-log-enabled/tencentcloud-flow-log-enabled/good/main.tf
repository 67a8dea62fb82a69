resource "tencentcloud_vpc_flow_log_config" "shop" {
  flow_log_id = "fl-geg2keoj"
  enable      = true
}
