provider "aws" {
  region     = "eu-west-1"
  access_key = "AKIAQ7XW3N5LT2VJ4KDM"
  secret_key = "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"
}
