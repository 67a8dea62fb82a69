variable "option" {
  type = string
}

resource "aws_athena_database" "logs" {
  name   = "logs"
  bucket = "acme-athena"

  encryption_configuration {
    encryption_option = var.option
  }
}
