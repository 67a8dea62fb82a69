resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  policy = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect    = "Deny"
        Principal = ["*"]
        Action    = ["oss:*"]
        Resource  = ["acs:oss:*:*:acme-files/*"]
        Condition = { Bool = { "acs:SecureTransport" = ["false"] } }
      },
    ]
  })
}
