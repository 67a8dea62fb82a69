resource "aws_workspaces_directory" "main" {
  directory_id = "d-9067123abc"

  workspace_creation_properties {
    enable_maintenance_mode = false
  }
}
