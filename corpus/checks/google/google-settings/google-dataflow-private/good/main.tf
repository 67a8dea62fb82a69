resource "google_dataflow_job" "main" {
  name              = "main"
  temp_gcs_location = "gs://main/temp"
  template_gcs_path = "gs://main/template"
  ip_configuration  = "WORKER_IP_PRIVATE"
}
