data "aws_iam_policy_document" "events" {
  statement {
    sid       = "Share"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-west-1:111122223333:events"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = "https://sqs.eu-west-1.amazonaws.com/111122223333/events"
  policy    = data.aws_iam_policy_document.events.json
}
