resource "aws_fsx_windows_file_system" "home" {
  storage_capacity    = 300
  subnet_ids          = ["subnet-0a1b2c3d4e5f60718"]
  throughput_capacity = 32
  active_directory_id = "d-9067123abc"
}

resource "aws_kms_key" "files" {
  description         = "File shares"
  enable_key_rotation = true
}
