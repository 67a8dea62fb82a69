resource "kubernetes_cluster_role_v1" "ops" {
  metadata {
    name = "ops"
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterroles"]
    verbs      = var.list
  }
}

variable "list" {
  type = list(string)
}
