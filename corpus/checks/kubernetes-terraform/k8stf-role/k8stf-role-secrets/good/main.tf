resource "kubernetes_cluster_role_v1" "ops" {
  metadata {
    name = "ops"
  }

  rule {
    api_groups     = [""]
    resources      = ["secrets"]
    resource_names = ["web-tls"]
    verbs          = ["get"]
  }
}
