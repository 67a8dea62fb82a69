resource "kubernetes_role_v1" "ops" {
  metadata {
    name      = "ops"
    namespace = "shop"
  }

  rule {
    api_groups = [""]
    resources  = ["pods"]
    verbs      = ["get", "create"]
  }
}
