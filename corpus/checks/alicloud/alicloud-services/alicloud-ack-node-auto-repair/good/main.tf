resource "alicloud_cs_kubernetes_node_pool" "default" {
  node_pool_name = "default"
  cluster_id     = "c1"
  vswitch_ids    = ["vsw-bp1a2b3c"]
  management {
    auto_repair = true
  }
}
