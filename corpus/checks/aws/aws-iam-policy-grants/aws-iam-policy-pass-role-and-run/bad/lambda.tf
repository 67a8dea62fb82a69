data "aws_iam_policy_document" "ship" {
  statement {
    sid       = "Functions"
    actions   = ["lambda:CreateFunction", "lambda:InvokeFunction"]
    resources = ["*"]
  }

  statement {
    sid       = "Role"
    actions   = ["iam:PassRole"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "ship" {
  name   = "ship"
  policy = data.aws_iam_policy_document.ship.json
}
