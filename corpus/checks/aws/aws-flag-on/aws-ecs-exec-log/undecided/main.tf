variable "exec_logging" {
  type = string
}

resource "aws_ecs_cluster" "apps" {
  name = "apps"

  configuration {
    execute_command_configuration {
      logging = var.exec_logging

      log_configuration {
        cloud_watch_log_group_name = "exec"
      }
    }
  }
}
