variable "resources" {
  type = list(string)
}

data "aws_iam_policy_document" "deploy" {
  statement {
    sid       = "Read"
    actions   = ["ec2:DescribeInstances"]
    resources = ["*"]
  }

  statement {
    sid       = "Work"
    actions   = ["sts:AssumeRole"]
    resources = var.resources
  }
}

resource "aws_iam_policy" "deploy" {
  name   = "deploy"
  policy = data.aws_iam_policy_document.deploy.json
}
