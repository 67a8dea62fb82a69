data "aws_iam_policy_document" "deploy" {
  statement {
    sid       = "Read"
    actions   = ["ec2:DescribeInstances"]
    resources = ["*"]
  }

  statement {
    sid       = "Work"
    actions   = ["kms:Decrypt", "kms:DescribeKey"]
    resources = ["arn:aws:kms:eu-west-1:111122223333:key/0f4e8a6c-32a7-4c53-9d3a-5a1e0c9b7d11"]
  }
}

resource "aws_iam_policy" "deploy" {
  name   = "deploy"
  policy = data.aws_iam_policy_document.deploy.json
}
