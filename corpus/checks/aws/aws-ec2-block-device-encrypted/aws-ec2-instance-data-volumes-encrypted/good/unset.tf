resource "aws_instance" "db" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "r6i.large"

  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 500
    encrypted   = true
  }

  ebs_block_device {
    device_name = "/dev/sdg"
    volume_size = 100
    encrypted   = true
  }
}
