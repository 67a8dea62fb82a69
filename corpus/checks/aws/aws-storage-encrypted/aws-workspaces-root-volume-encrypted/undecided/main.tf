resource "aws_workspaces_workspace" "analyst" {
  directory_id                   = "d-9067123abc"
  bundle_id                      = "wsb-gm4d5tx2v"
  user_name                      = "analyst"
  root_volume_encryption_enabled = var.root_volume_encryption_enabled
}

variable "root_volume_encryption_enabled" {
  type = bool
}
