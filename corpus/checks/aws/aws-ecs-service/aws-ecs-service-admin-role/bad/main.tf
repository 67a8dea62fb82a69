resource "aws_ecs_service" "web" {
  name            = "web"
  cluster         = "arn:aws:ecs:eu-west-1:111122223333:cluster/apps"
  task_definition = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web"
  iam_role        = "admin"

  load_balancer {
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web"
    container_name   = "web"
    container_port   = 8080
  }
}
