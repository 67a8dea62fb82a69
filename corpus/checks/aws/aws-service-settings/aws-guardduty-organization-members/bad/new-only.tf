resource "aws_guardduty_detector" "org" {
  enable = true
}

resource "aws_guardduty_organization_configuration" "org" {
  auto_enable_organization_members = "NEW"
  detector_id                      = aws_guardduty_detector.org.id
}
