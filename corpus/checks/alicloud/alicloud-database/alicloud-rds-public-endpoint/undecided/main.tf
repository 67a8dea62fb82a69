resource "alicloud_polardb_endpoint_address" "shop" {
  db_cluster_id     = "pc-bp1a2b3c"
  db_endpoint_id    = "pe-bp1a2b3c"
  connection_prefix = "shop"
  net_type          = var.text
}

variable "text" {
  type = string
}
