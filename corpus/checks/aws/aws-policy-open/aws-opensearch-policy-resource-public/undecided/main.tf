data "aws_iam_policy_document" "search" {
  statement {
    actions   = ["es:*"]
    resources = ["arn:aws:es:eu-west-1:111122223333:domain/search/*"]

    principals {
      type        = "AWS"
      identifiers = var.identifiers
    }
  }
}

resource "aws_elasticsearch_domain_policy" "search" {
  domain_name     = "search"
  access_policies = data.aws_iam_policy_document.search.json
}

variable "identifiers" {
  type = list(string)
}
