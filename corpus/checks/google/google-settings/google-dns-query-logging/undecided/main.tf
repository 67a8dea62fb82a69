resource "google_dns_policy" "main" {
  name           = "main"
  enable_logging = var.enable_logging
}

variable "enable_logging" {
  type = bool
}
