resource "aws_instance" "worker" {
  ami           = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.small"

  user_data = <<-EOF
    #!/bin/bash
    export AWS_ACCESS_KEY_ID=AKIAQ7XW3N5LT2VJ4KDM
    export AWS_SECRET_ACCESS_KEY=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
    systemctl start worker
  EOF
}
