resource "alicloud_log_store" "web" {
  project_name  = "acme"
  logstore_name = "web"
}
