resource "alicloud_log_store" "web" {
  project_name     = "acme"
  logstore_name    = "web"
  retention_period = 60
}
