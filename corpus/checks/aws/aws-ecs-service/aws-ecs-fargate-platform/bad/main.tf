resource "aws_ecs_service" "web" {
  name             = "web"
  cluster          = "arn:aws:ecs:eu-west-1:111122223333:cluster/apps"
  task_definition  = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web"
  launch_type      = "FARGATE"
  platform_version = var.platform_version
}

variable "platform_version" {
  type    = string
  default = "1.3.0"
}
