resource "aws_instance" "worker" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.medium"

  user_data = <<-EOT
    #!/bin/bash
    yum install -y awscli
    export QUEUE=${var.queue}
    systemctl start worker
  EOT
}

variable "queue" {
  type = string
}
