resource "alicloud_cs_managed_kubernetes" "shop" {
  name                = "shop"
  cluster_spec        = "ack.pro.small"
  deletion_protection = false
}
