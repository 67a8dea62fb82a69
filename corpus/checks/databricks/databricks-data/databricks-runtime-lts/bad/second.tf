data "databricks_spark_version" "runtime" {
  long_term_support = false
}
