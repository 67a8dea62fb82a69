resource "alicloud_polardb_endpoint" "shop" {
  db_cluster_id = "pc-bp1a2b3c"
  endpoint_type = "Custom"
  ssl_enabled   = var.text
}

variable "text" {
  type = string
}
