resource "tencentcloud_kubernetes_cluster" "shop" {
  cluster_name        = "shop"
  vpc_id              = "vpc-h70b6b49"
  cluster_cidr        = "10.32.0.0/16"
  cluster_deploy_type = "MANAGED_CLUSTER"
}

resource "tencentcloud_kubernetes_encryption_protection" "shop" {
  cluster_id = tencentcloud_kubernetes_cluster.shop.id

  kms_configuration {
    key_id     = "3f8d5c2a-0000-11ee-9a5e-525400d1e2aa"
    kms_region = "ap-guangzhou"
  }
}
