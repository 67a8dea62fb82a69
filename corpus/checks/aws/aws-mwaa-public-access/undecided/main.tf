resource "aws_mwaa_environment" "etl" {
  name                  = "etl"
  dag_s3_path           = "dags/"
  webserver_access_mode = var.webserver_access_mode
}

variable "webserver_access_mode" {
  type = string
}
