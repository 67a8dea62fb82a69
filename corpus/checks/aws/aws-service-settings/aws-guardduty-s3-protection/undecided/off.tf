variable "watch_s3" {
  type = bool
}

resource "aws_guardduty_detector" "main" {
  enable = true

  datasources {
    s3_logs {
      enable = var.watch_s3
    }
  }
}
