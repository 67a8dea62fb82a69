resource "aws_guardduty_detector" "main" {
  enable = true
}

resource "aws_iam_account_password_policy" "main" {
  minimum_password_length = 14
  require_numbers         = true
}
