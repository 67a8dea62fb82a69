resource "aws_iam_group" "billing" {
  name = "billing"
}

resource "aws_iam_user" "omar" {
  name = "omar"
}
