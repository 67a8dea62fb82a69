resource "tencentcloud_kubernetes_cluster" "shop" {
  cluster_name        = "shop"
  vpc_id              = "vpc-h70b6b49"
  cluster_cidr        = "10.32.0.0/16"
  cluster_deploy_type = "MANAGED_CLUSTER"
}
