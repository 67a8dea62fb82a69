resource "google_sql_user" "main" {
  name     = "main"
  instance = "main"
  password = "c0rrect-Horse-Battery"
}
