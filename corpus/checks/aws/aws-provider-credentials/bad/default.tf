variable "secret" {
  type    = string
  default = "k9Xv2Lq8Zt5Rw1Yb7Nc4Jd6Hf3Gs0Pa8MuEoTiQx"
}

provider "aws" {
  region     = "eu-west-1"
  secret_key = var.secret
}
