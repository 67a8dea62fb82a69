resource "tencentcloud_cos_bucket" "files" {
  bucket            = "files-1258798060"
  versioning_enable = true
}
