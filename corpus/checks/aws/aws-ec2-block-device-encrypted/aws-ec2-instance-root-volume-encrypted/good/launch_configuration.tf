resource "aws_launch_configuration" "web" {
  name_prefix   = "web-"
  image_id      = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.medium"

  root_block_device {
    encrypted = true
  }

  lifecycle {
    create_before_destroy = true
  }
}
