variable "script" {
  type = string
}

resource "aws_launch_template" "batch" {
  name      = "batch"
  image_id  = "ami-0a1b2c3d4e5f60718"
  user_data = base64encode(var.script)
}
