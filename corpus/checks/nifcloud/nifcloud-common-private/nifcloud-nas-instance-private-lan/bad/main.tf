resource "nifcloud_nas_instance" "files" {
  identifier        = "files"
  allocated_storage = 100
  protocol          = "nfs"
  network_id        = "net-COMMON_PRIVATE"
}
