resource "nifcloud_nas_instance" "files" {
  identifier        = "files"
  allocated_storage = 100
  protocol          = "nfs"
  no_root_squash    = var.flag
}

variable "flag" {
  type = bool
}
