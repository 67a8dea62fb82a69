resource "google_filestore_instance" "main" {
  name         = "main"
  tier         = "ENTERPRISE"
  kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"

  file_shares {
    name        = "share"
    capacity_gb = 1024
  }

  networks {
    network = "main"
    modes   = ["MODE_IPV4"]
  }
}
