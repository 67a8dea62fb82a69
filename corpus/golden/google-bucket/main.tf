variable "log_bucket" {
  type = string
}

resource "google_kms_key_ring" "main" {
  name     = "main"
  location = "europe-west1"
}

resource "google_kms_crypto_key" "documents" {
  name            = "documents"
  key_ring        = google_kms_key_ring.main.id
  rotation_period = "7776000s"

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_storage_bucket" "documents" {
  name                        = "harbor-documents"
  location                    = "EUROPE-WEST1"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  encryption {
    default_kms_key_name = google_kms_crypto_key.documents.id
  }

  versioning {
    enabled = true
  }

  logging {
    log_bucket = var.log_bucket
  }

  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  labels = {
    owner       = "documents-team"
    environment = "production"
  }
}

resource "google_storage_bucket_iam_member" "reader" {
  bucket = google_storage_bucket.documents.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:reports@harbor-prod.iam.gserviceaccount.com"
}
