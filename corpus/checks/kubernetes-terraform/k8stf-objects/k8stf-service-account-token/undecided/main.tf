resource "kubernetes_service_account_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  automount_service_account_token = var.flag
}

variable "flag" {
  type = bool
}
