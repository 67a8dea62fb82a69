resource "alicloud_log_store" "web" {
  project_name     = "acme"
  logstore_name    = "web"
  retention_period = 365

  encrypt_conf {
    encrypt_type = "default"
    enable       = false
  }
}
