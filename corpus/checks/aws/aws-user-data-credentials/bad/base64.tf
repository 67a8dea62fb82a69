resource "aws_launch_template" "batch" {
  name      = "batch"
  image_id  = "ami-0a1b2c3d4e5f60718"
  user_data = base64encode("#!/bin/bash\necho '-----BEGIN RSA PRIVATE KEY-----' > /root/.ssh/id_rsa\n")
}
