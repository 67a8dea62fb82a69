resource "aws_glue_crawler" "raw" {
  name                   = "raw"
  role                   = "crawler"
  database_name          = "raw"
  security_configuration = "etl"

  s3_target {
    path = "s3://acme-raw"
  }
}
