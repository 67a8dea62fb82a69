resource "google_dataflow_job" "main" {
  name              = "main"
  temp_gcs_location = "gs://main/temp"
  template_gcs_path = "gs://main/template"
  kms_key_name      = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
}
