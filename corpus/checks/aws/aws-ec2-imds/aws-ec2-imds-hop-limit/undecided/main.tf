resource "aws_launch_template" "web" {
  name_prefix = "web-"
  image_id    = "ami-0a1b2c3d4e5f60718"

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = var.http_put_response_hop_limit
  }
}

variable "http_put_response_hop_limit" {
  type = number
}
