resource "aws_iam_user" "omar" {
  name = "omar"
}

resource "aws_iam_group" "support" {
  name = "support"
}

resource "aws_iam_policy_attachment" "tickets" {
  name       = "tickets"
  groups     = [aws_iam_group.support.name]
  policy_arn = "arn:aws:iam::aws:policy/AWSSupportAccess"
}
