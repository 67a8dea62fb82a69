resource "tencentcloud_cbs_storage" "data" {
  storage_name      = "data"
  storage_type      = "CLOUD_SSD"
  storage_size      = 100
  availability_zone = "ap-guangzhou-3"
  encrypt           = false
}
