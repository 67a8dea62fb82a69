resource "alicloud_cs_kubernetes_node_pool" "default" {
  node_pool_name        = "default"
  cluster_id            = "c1"
  install_cloud_monitor = true
}
