locals {
  auto_minor_version_upgrade = true
}

resource "aws_mq_broker" "jobs" {
  broker_name                = "jobs"
  engine_type                = "RabbitMQ"
  engine_version             = "3.13"
  host_instance_type         = "mq.m5.large"
  auto_minor_version_upgrade = local.auto_minor_version_upgrade

  user {
    username = "worker"
    password = random_password.worker.result
  }
}

resource "random_password" "worker" {
  length = 32
}
