resource "aws_ecs_task_definition" "web" {
  family = "web"

  container_definitions = jsonencode([
    {
      name  = "web"
      image = "example/web:1.4.2"
      environment = [
        { name = "PORT", value = "8080" },
      ]
      secrets = [
        { name = "DATABASE_PASSWORD", valueFrom = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders" },
      ]
    }
  ])
}
