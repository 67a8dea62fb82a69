resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  policy = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect    = "Allow"
        Principal = ["*"]
        Action    = ["oss:DeleteObject"]
        Resource  = ["acs:oss:*:*:acme-files/*"]
      },
    ]
  })
}
