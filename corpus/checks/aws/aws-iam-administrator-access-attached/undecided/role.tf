variable "policy_arn" {
  type = string
}

resource "aws_iam_role_policy_attachment" "ci" {
  role       = "ci"
  policy_arn = var.policy_arn
}
