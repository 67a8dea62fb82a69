resource "nifcloud_db_security_group" "db" {
  group_name  = "db"
  description = "MySQL from the application servers"

  rule {
    cidr_ip = var.text
  }
}

variable "text" {
  type = string
}
