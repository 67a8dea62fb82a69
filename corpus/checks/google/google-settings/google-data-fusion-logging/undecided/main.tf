resource "google_data_fusion_instance" "main" {
  name                       = "main"
  type                       = "BASIC"
  enable_stackdriver_logging = var.enable_stackdriver_logging
}

variable "enable_stackdriver_logging" {
  type = bool
}
