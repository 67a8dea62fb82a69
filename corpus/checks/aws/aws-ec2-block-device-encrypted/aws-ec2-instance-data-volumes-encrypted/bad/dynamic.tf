locals {
  disks = {
    "/dev/sdf" = { size = 100, encrypted = true }
    "/dev/sdg" = { size = 200, encrypted = false }
  }
}

resource "aws_instance" "worker" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "m6i.large"

  dynamic "ebs_block_device" {
    for_each = local.disks
    content {
      device_name = ebs_block_device.key
      volume_size = ebs_block_device.value.size
      encrypted   = ebs_block_device.value.encrypted
    }
  }
}
