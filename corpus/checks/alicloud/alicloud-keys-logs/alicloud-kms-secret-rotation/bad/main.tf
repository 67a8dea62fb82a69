resource "alicloud_kms_secret" "db" {
  secret_name       = "db"
  secret_type       = "Rds"
  version_id        = "v1"
  rotation_interval = "30d"
}
