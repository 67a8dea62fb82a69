data "aws_iam_policy_document" "catalog" {
  statement {
    sid       = "Share"
    actions   = ["glue:*"]
    resources = ["arn:aws:glue:eu-west-1:111122223333:*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_glue_resource_policy" "catalog" {
  policy = data.aws_iam_policy_document.catalog.json
}
