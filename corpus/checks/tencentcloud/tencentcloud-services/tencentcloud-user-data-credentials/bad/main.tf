resource "tencentcloud_instance" "web" {
  instance_name     = "web"
  availability_zone = "ap-guangzhou-3"
  image_id          = "img-9qabwvbn"
  user_data_raw = <<-EOT
    #!/bin/sh
    export TENCENTCLOUD_SECRET_KEY=8f0zz3q7m2kd91xxcv5b8f0zz3q7m2kd
  EOT
}
