variable "secret" {
  type    = string
  default = null
}

provider "aws" {
  region     = "eu-west-1"
  secret_key = var.secret
}
