resource "google_data_fusion_instance" "main" {
  name             = "main"
  type             = "BASIC"
  private_instance = false
}
