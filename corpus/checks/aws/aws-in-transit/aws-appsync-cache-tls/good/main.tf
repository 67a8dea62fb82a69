resource "aws_appsync_api_cache" "catalog" {
  api_id                     = "abcdefghijklmnopqrstuvwxyz"
  api_caching_behavior       = "FULL_REQUEST_CACHING"
  type                       = "LARGE"
  ttl                        = 900
  transit_encryption_enabled = var.transit_encryption_enabled
}

variable "transit_encryption_enabled" {
  type    = bool
  default = true
}
