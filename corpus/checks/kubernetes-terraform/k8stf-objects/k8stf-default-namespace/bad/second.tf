resource "kubernetes_config_map_v1" "web" {
  metadata {
    name      = "web"
    namespace = "default"
  }

  data = {
    theme = "dark"
  }
}
