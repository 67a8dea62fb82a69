resource "alicloud_ecs_launch_template" "web" {
  launch_template_name = "web"

  system_disk {
    size      = 40
    encrypted = false
  }
}
