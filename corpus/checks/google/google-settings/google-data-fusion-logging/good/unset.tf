resource "google_data_fusion_instance" "main" {
  name                       = "main"
  type                       = "BASIC"
  enable_stackdriver_logging = true
}
