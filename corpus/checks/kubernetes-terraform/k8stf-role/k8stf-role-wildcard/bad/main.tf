resource "kubernetes_cluster_role_v1" "ops" {
  metadata {
    name = "ops"
  }

  rule {
    api_groups = [""]
    resources  = ["*"]
    verbs      = ["get"]
  }
}
