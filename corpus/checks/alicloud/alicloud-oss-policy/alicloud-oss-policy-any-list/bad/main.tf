resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  policy = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect    = "Allow"
        Principal = ["*"]
        Action    = ["oss:ListObjects"]
        Resource  = ["acs:oss:*:*:acme-files"]
      },
    ]
  })
}
