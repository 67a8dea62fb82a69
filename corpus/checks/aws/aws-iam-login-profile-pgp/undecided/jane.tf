variable "pgp_key" {
  type = string
}

resource "aws_iam_user" "jane" {
  name = "jane"
}

resource "aws_iam_user_login_profile" "jane" {
  user                    = aws_iam_user.jane.name
  pgp_key                 = var.pgp_key
  password_reset_required = true
}
