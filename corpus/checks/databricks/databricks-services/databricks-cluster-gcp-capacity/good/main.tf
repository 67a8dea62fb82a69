resource "databricks_cluster" "data" {
  cluster_name            = "data"
  spark_version           = "15.4.x-scala2.12"
  node_type_id            = "n1-highmem-4"
  autotermination_minutes = 20

  gcp_attributes {
    availability = "PREEMPTIBLE_WITH_FALLBACK_GCP"
    zone_id      = "auto"
  }
}
