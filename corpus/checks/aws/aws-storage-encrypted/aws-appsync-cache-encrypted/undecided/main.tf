resource "aws_appsync_api_cache" "catalog" {
  api_id                     = "abcdefghijklmnopqrstuvwxyz"
  api_caching_behavior       = "FULL_REQUEST_CACHING"
  type                       = "LARGE"
  ttl                        = 900
  at_rest_encryption_enabled = var.at_rest_encryption_enabled
}

variable "at_rest_encryption_enabled" {
  type = bool
}
