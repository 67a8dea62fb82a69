resource "alicloud_cs_managed_kubernetes" "shop" {
  name                         = "shop"
  cluster_spec                 = "ack.pro.small"
  control_plane_log_components = ["apiserver", "kcm", "scheduler"]
}
