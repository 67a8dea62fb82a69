resource "aws_efs_access_point" "app" {
  file_system_id = "fs-0a1b2c3d4e5f60718"

  posix_user {
    uid = 1000
    gid = 1000
  }
}
