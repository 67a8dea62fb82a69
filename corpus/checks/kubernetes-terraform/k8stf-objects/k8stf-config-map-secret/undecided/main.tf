resource "kubernetes_config_map_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }

  data = {
    DB_PASSWORD = var.password
  }
}

variable "password" {
  type = string
}
