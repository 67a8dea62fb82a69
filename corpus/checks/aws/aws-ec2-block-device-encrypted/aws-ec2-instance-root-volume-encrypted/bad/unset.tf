resource "aws_instance" "app" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.medium"
  subnet_id     = "subnet-0a1b2c3d4e5f60718"

  root_block_device {
    volume_type = "gp3"
    volume_size = 40
  }
}
