data "aws_iam_policy_document" "shared" {
  statement {
    sid       = "Share"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::acme-shared/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "shared" {
  bucket = "acme-shared"
  policy = data.aws_iam_policy_document.shared.json
}
