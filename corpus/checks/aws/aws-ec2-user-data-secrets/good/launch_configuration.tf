resource "aws_launch_configuration" "web" {
  image_id      = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.medium"

  user_data = <<EOF
#!/bin/bash
export DATABASE_SECRET_ID="orders/database"
systemctl start web
#!/bin/bash
export DATABASE_SECRET_ID="orders/database"
systemctl start web
EOF
}
