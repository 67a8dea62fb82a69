resource "aws_iam_group" "developers" {
  name = "developers"
}

resource "aws_iam_user" "jane" {
  name = "jane"
}

resource "aws_iam_group_membership" "developers" {
  name  = "developers"
  group = aws_iam_group.developers.name
  users = [aws_iam_user.jane.name]
}
