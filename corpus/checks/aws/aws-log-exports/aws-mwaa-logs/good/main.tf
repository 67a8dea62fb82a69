resource "aws_mwaa_environment" "etl" {
  name        = "etl"
  dag_s3_path = "dags/"

  logging_configuration {
    scheduler_logs {
      enabled   = true
      log_level = "INFO"
    }

    webserver_logs {
      enabled   = true
      log_level = "INFO"
    }

    worker_logs {
      enabled   = true
      log_level = "INFO"
    }
  }
}
