locals {
  algorithm = "rsasha256"
}

resource "google_dns_managed_zone" "main" {
  name     = "main"
  dns_name = "example.com."

  dnssec_config {
    state = "on"

    default_key_specs {
      algorithm = local.algorithm
      key_type  = "keySigning"
    }
  }
}
