resource "aws_iam_user" "jane" {
  name = "jane"
}

resource "aws_iam_user_login_profile" "jane" {
  user = aws_iam_user.jane.name

  password_reset_required = true
}
