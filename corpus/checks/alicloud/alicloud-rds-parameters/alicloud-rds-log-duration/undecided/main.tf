resource "alicloud_db_instance" "shop" {
  engine         = "PostgreSQL"
  engine_version = "16.0"
  parameters {
    name  = "log_duration"
    value = var.text
  }
}

variable "text" {
  type = string
}
