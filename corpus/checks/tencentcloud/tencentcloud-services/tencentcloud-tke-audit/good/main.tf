resource "tencentcloud_kubernetes_cluster" "shop" {
  cluster_name = "shop"
  vpc_id       = "vpc-h70b6b49"

  cluster_audit {
    enabled = true
  }
}
