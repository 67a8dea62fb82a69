resource "aws_instance" "worker" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.small"

  user_data = <<-EOF
    #!/bin/bash
    hostnamectl set-hostname ${aws_eip.worker.public_dns}
    systemctl start worker
  EOF
}

resource "aws_eip" "worker" {
  domain = "vpc"
}
