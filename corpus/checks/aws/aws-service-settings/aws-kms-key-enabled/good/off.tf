resource "aws_kms_key" "archive" {
  description         = "archive"
  enable_key_rotation = true
  is_enabled          = true
}
