resource "aws_ecs_task_definition" "agent" {
  family = "agent"

  container_definitions = <<-JSON
    [
      {"name": "web", "image": "example/web:1.4.2", "essential": true},
      {"name": "agent", "image": "example/agent:2.3.0", "privileged": false}
    ]
  JSON
}
