locals {
  value = "enabled"
}

resource "aws_ecs_cluster" "apps" {
  name = "apps"

  setting {
    name  = "containerInsights"
    value = local.value
  }
}
