locals {
  assign_public_ip = false
}

resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = "arn:aws:ecs:eu-west-1:111122223333:cluster/apps"
  task_definition = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web"
  launch_type     = "FARGATE"

  network_configuration {
    subnets          = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]
    assign_public_ip = local.assign_public_ip
  }
}
