provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = {
      owner = "platform"
    }
  }
}

resource "aws_sqs_queue" "mail" {
  name                    = "mail"
  sqs_managed_sse_enabled = true
}
