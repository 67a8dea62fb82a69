resource "aws_iam_group" "billing" {
  name = "billing"
}

resource "aws_iam_user" "omar" {
  name = "omar"
}

resource "aws_iam_user_group_membership" "omar" {
  user   = aws_iam_user.omar.name
  groups = [aws_iam_group.billing.name]
}
