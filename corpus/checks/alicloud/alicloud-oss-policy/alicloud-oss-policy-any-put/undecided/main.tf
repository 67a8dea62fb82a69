resource "alicloud_oss_bucket" "files" {
  bucket = "acme-files"

  policy = jsonencode({
    Version = "1"
    Statement = [
      {
        Effect    = var.text
        Principal = ["*"]
        Action    = ["oss:PutObject"]
        Resource  = ["acs:oss:*:*:acme-files/*"]
      },
    ]
  })
}

variable "text" {
  type = string
}
