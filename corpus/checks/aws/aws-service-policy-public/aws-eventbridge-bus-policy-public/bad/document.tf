data "aws_iam_policy_document" "default" {
  statement {
    sid       = "Share"
    actions   = ["events:PutEvents"]
    resources = ["arn:aws:events:eu-west-1:111122223333:event-bus/default"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_cloudwatch_event_bus_policy" "default" {
  policy = data.aws_iam_policy_document.default.json
}
