resource "tencentcloud_redis_instance" "cache" {
  availability_zone = "ap-guangzhou-6"
  type_id           = 8
  mem_size          = 8192
  no_auth           = true
}
