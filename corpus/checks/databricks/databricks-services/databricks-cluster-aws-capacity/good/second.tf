resource "databricks_cluster" "data" {
  cluster_name            = "data"
  spark_version           = "15.4.x-scala2.12"
  node_type_id            = "i3.xlarge"
  autotermination_minutes = 20

  aws_attributes {
    availability    = "SPOT_WITH_FALLBACK"
    first_on_demand = 1
    zone_id         = "auto"
  }
}
