resource "aws_workspaces_workspace" "analyst" {
  directory_id                   = "d-9067123abc"
  bundle_id                      = "wsb-gm4d5tx2v"
  user_name                      = "analyst"
  user_volume_encryption_enabled = true
}
