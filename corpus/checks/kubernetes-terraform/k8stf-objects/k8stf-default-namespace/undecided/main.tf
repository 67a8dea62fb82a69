resource "kubernetes_config_map_v1" "web" {
  metadata {
    name      = "web"
    namespace = var.text
  }

  data = {
    theme = "dark"
  }
}

variable "text" {
  type = string
}
