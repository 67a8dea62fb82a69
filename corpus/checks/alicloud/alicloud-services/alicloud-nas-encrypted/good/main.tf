resource "alicloud_nas_file_system" "files" {
  protocol_type = "NFS"
  storage_type  = "Performance"
  encrypt_type  = 2
}
