resource "google_vertex_ai_dataset" "main" {
  display_name        = "orders"
  metadata_schema_uri = "gs://google-cloud-aiplatform/schema/dataset/metadata/image_1.0.0.yaml"

  encryption_spec {
    kms_key_name = "projects/orders-prod/locations/europe-west1/keyRings/main/cryptoKeys/main"
  }
}
