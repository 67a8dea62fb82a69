resource "google_cloudfunctions_function" "main" {
  name                         = "main"
  runtime                      = "python312"
  trigger_http                 = true
  https_trigger_security_level = var.https_trigger_security_level
}

variable "https_trigger_security_level" {
  type = string
}
