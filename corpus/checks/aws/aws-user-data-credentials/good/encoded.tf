resource "aws_instance" "legacy" {
  ami              = "ami-0a1b2c3d4e5f60718"
  instance_type    = "t3.small"
  user_data_base64 = "IyEvYmluL2Jhc2gKc3lzdGVtY3RsIHN0YXJ0IGxlZ2FjeQo="
}
