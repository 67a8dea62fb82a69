variable "bypass" {
  type = bool
}

resource "aws_kms_key" "data" {
  description                        = "data"
  enable_key_rotation                = true
  bypass_policy_lockout_safety_check = var.bypass
}
