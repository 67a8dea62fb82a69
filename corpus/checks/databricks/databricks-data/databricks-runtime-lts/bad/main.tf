data "databricks_spark_version" "runtime" {
}
