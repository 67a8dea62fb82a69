data "aws_iam_policy_document" "search" {
  statement {
    actions   = ["es:*"]
    resources = ["arn:aws:es:eu-west-1:111122223333:domain/search/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/search"]
    }
  }
}

resource "aws_elasticsearch_domain_policy" "search" {
  domain_name     = "search"
  access_policies = data.aws_iam_policy_document.search.json
}
