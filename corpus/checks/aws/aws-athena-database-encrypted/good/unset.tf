resource "aws_athena_database" "logs" {
  name   = "logs"
  bucket = "acme-athena"

  encryption_configuration {
    encryption_option = "SSE_S3"
  }
}
