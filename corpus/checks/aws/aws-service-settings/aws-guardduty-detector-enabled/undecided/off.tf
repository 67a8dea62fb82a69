variable "detect" {
  type = bool
}

resource "aws_guardduty_detector" "main" {
  enable                       = var.detect
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}
