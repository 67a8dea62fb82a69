resource "google_dataflow_job" "main" {
  name              = "main"
  temp_gcs_location = "gs://main/temp"
  template_gcs_path = "gs://main/template"
  ip_configuration  = var.ip_configuration
}

variable "ip_configuration" {
  type = string
}
