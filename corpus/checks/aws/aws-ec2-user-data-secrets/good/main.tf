resource "aws_instance" "worker" {
  ami                  = "ami-0a1b2c3d4e5f60718"
  instance_type        = "t3.medium"
  iam_instance_profile = "worker"

  user_data = <<-EOT
    #!/bin/bash
    yum install -y awscli
    systemctl start worker
  EOT
}
