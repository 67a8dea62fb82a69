resource "aws_ami" "golden" {
  name                = "golden"
  root_device_name    = "/dev/xvda"
  virtualization_type = "hvm"

  ebs_block_device {
    device_name = "/dev/xvda"
    volume_size = 20
    encrypted   = false
  }
}
