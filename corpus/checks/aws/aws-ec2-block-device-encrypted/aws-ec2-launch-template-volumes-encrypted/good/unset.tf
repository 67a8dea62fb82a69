resource "aws_launch_template" "web" {
  name_prefix   = "web-"
  image_id      = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.medium"

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 40
      encrypted   = true
    }
  }
}
