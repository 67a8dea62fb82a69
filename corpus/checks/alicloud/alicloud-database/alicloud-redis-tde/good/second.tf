resource "alicloud_polardb_cluster" "shop" {
  db_type       = "MySQL"
  db_version    = "8.0"
  db_node_class = "polar.mysql.x4.large"
  tde_status    = "Enabled"
}
