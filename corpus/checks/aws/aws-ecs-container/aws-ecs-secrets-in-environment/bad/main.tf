resource "aws_ecs_task_definition" "web" {
  family = "web"

  container_definitions = jsonencode([
    {
      name  = "web"
      image = "example/web:1.4.2"
      environment = [
        { name = "PORT", value = "8080" },
        { name = "DATABASE_PASSWORD", value = "Winter-2024-orders" },
      ]
    }
  ])
}
