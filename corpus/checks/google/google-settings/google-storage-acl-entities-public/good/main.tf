resource "google_storage_bucket_acl" "main" {
  bucket      = "main"
  role_entity = ["READER:group-developers@example.com"]
}
