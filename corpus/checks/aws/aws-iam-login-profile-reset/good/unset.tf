resource "aws_iam_user_login_profile" "omar" {
  user                    = "omar"
  pgp_key                 = "keybase:omar"
  password_reset_required = true
}
