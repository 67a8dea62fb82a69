resource "alicloud_log_store" "web" {
  project_name        = "acme"
  logstore_name       = "web"
  retention_period    = 365
  enable_web_tracking = var.flag
}

variable "flag" {
  type = bool
}
