resource "random_password" "db" {
  length = 32
}

resource "kubernetes_secret_v1" "db" {
  metadata {
    name      = "db"
    namespace = "shop"
  }

  data = {
    password = random_password.db.result
  }
}
