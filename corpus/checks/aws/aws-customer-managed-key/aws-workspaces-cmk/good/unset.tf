resource "aws_workspaces_workspace" "analyst" {
  directory_id                   = "d-9067123abc"
  bundle_id                      = "wsb-gm4d5tx2v"
  user_name                      = "analyst"
  root_volume_encryption_enabled = true
  user_volume_encryption_enabled = true
  volume_encryption_key          = aws_kms_key.desktops.arn
}

resource "aws_kms_key" "desktops" {
  description         = "Virtual desktops"
  enable_key_rotation = true
}
