resource "aws_ecs_task_definition" "agent" {
  family = "agent"

  container_definitions = jsonencode([
    {
      name       = "agent"
      image      = "example/agent:2.3.0"
      essential  = true
      privileged = true
    }
  ])
}
