resource "aws_instance" "batch" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "m3.xlarge"
  ebs_optimized = true
}
