resource "aws_mwaa_environment" "etl" {
  name               = "etl"
  dag_s3_path        = "dags/"
  execution_role_arn = "arn:aws:iam::111122223333:role/airflow"
  source_bucket_arn  = "arn:aws:s3:::example-dags"

  network_configuration {
    security_group_ids = ["sg-0a1b2c3d4e5f60718"]
    subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]
  }
}
