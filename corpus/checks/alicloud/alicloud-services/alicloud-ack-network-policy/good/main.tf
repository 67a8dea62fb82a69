resource "alicloud_cs_managed_kubernetes" "shop" {
  name            = "shop"
  cluster_spec    = "ack.pro.small"
  vswitch_ids     = ["vsw-bp1a2b3c"]
  pod_vswitch_ids = ["vsw-bp1a2b3d"]
  addons {
    name = "terway-eniip"
  }
}
