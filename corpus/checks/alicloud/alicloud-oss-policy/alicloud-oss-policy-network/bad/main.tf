resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  policy = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect    = "Allow"
        Principal = ["1234567890123456"]
        Action    = ["oss:GetObject"]
        Resource  = ["acs:oss:*:*:acme-files/*"]
      },
    ]
  })
}
