resource "google_dns_managed_zone" "main" {
  name     = "main"
  dns_name = "example.com."

  dnssec_config {
    state = "on"

    default_key_specs {
      algorithm = var.algorithm
      key_type  = "keySigning"
    }
  }
}

variable "algorithm" {
  type = string
}
