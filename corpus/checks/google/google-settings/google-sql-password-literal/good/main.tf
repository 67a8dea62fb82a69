resource "google_sql_user" "main" {
  name     = "main"
  instance = "main"
  password = random_password.main.result
}
