variable "analyze" {
  type = bool
}

resource "aws_guardduty_detector" "main" {
  enable = true
}

resource "aws_accessanalyzer_analyzer" "main" {
  count = var.analyze ? 1 : 0

  analyzer_name = "account"
  type          = "ACCOUNT"
}
