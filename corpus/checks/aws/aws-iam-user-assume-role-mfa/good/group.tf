data "aws_iam_policy_document" "operate" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = ["arn:aws:iam::111122223333:role/operator"]

    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = ["3600"]
    }
  }
}

resource "aws_iam_group_policy" "operate" {
  name   = "operate"
  group  = "operators"
  policy = data.aws_iam_policy_document.operate.json
}
