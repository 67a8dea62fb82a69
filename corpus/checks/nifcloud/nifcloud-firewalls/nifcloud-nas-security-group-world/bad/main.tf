resource "nifcloud_nas_security_group" "files" {
  group_name  = "files"
  description = "NFS from the application servers"

  rule {
    cidr_ip = "0.0.0.0/0"
  }
}
