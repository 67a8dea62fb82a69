resource "kubernetes_cluster_role_v1" "ops" {
  metadata {
    name = "ops"
  }

  rule {
    api_groups = ["admissionregistration.k8s.io"]
    resources  = ["mutatingwebhookconfigurations"]
    verbs      = var.list
  }
}

variable "list" {
  type = list(string)
}
