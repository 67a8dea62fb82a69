variable "readers" {
  type = list(string)
}

resource "aws_iam_user" "jane" {
  name = "jane"
}

resource "aws_iam_group" "analysts" {
  name = "analysts"
}

resource "aws_iam_policy_attachment" "read" {
  name       = "read"
  users      = var.readers
  groups     = [aws_iam_group.analysts.name]
  policy_arn = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
}
