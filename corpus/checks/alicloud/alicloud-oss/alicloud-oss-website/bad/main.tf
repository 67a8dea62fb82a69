resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"
  website {
    index_document = "index.html"
  }
}
