resource "google_sql_user" "main" {
  name     = "main"
  instance = "main"
  password = var.password
}

variable "password" {
  type = string
}
