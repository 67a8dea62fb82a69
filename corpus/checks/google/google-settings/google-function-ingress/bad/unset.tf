resource "google_cloudfunctions_function" "main" {
  name         = "main"
  runtime      = "python312"
  trigger_http = true
}
