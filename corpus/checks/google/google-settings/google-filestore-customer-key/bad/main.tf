resource "google_filestore_instance" "main" {
  name = "main"
  tier = "ENTERPRISE"

  file_shares {
    name        = "share"
    capacity_gb = 1024
  }

  networks {
    network = "main"
    modes   = ["MODE_IPV4"]
  }
}
