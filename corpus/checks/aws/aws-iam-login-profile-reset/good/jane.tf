resource "aws_iam_user_login_profile" "jane" {
  user                    = "jane"
  pgp_key                 = "keybase:jane"
  password_reset_required = true
}
