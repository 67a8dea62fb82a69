resource "alicloud_fc_service" "shop" {
  name = "shop"
  log_config {
    project  = "acme"
    logstore = "fc"
  }
}
