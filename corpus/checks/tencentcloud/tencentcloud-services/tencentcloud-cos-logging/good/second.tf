resource "tencentcloud_cos_bucket" "files" {
  bucket            = "files-1258798060"
  log_target_bucket = "logs-1258798060"
  log_prefix        = "files/"
  log_enable        = true
}
