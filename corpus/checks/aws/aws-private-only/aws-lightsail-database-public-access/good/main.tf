resource "aws_lightsail_database" "blog" {
  relational_database_name = "blog"
  availability_zone        = "eu-west-1a"
  master_database_name     = "blog"
  master_username          = "blogadmin"
  master_password          = random_password.blog.result
  blueprint_id             = "mysql_8_0"
  bundle_id                = "micro_2_0"
  publicly_accessible      = var.publicly_accessible
}

variable "publicly_accessible" {
  type    = bool
  default = false
}

resource "random_password" "blog" {
  length = 32
}
