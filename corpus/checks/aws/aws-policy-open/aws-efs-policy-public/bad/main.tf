resource "aws_efs_file_system_policy" "shared" {
  file_system_id = "fs-0a1b2c3d4e5f60718"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = "*"
      }
    ]
  })
}
