resource "alicloud_cms_alarm" "cpu" {
  name           = "cpu"
  project        = "acs_ecs_dashboard"
  metric         = "CPUUtilization"
  contact_groups = ["ops"]
  enabled        = var.flag
}

variable "flag" {
  type = bool
}
