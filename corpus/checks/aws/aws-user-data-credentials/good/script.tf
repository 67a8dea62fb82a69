resource "aws_instance" "worker" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.small"

  user_data = <<-EOF
    #!/bin/bash
    systemctl start worker
  EOF
}
