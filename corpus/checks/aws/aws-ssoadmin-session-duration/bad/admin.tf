resource "aws_ssoadmin_permission_set" "operator" {
  name             = "operator"
  instance_arn     = "arn:aws:sso:::instance/ssoins-1111222233334444"
  session_duration = "PT12H"
}
