resource "kubernetes_cluster_role_binding_v1" "ops" {
  metadata {
    name = "ops"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "view"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ServiceAccount"
    name      = var.text
    namespace = "shop"
  }
}

variable "text" {
  type = string
}
