resource "aws_kms_key" "data" {
  description             = "customer data"
  deletion_window_in_days = 30
}
