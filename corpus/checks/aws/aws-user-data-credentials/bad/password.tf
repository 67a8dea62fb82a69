resource "aws_launch_configuration" "web" {
  name_prefix   = "web-"
  image_id      = "ami-0a1b2c3d4e5f60718"
  instance_type = "t3.small"
  user_data     = "#!/bin/bash\nexport DATABASE_PASSWORD=Tr0ub4dor&3x\nsystemctl start web\n"
}
