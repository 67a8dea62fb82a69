locals {
  publicly_accessible = false
}

resource "aws_mq_broker" "jobs" {
  broker_name         = "jobs"
  engine_type         = "RabbitMQ"
  engine_version      = "3.13"
  host_instance_type  = "mq.m5.large"
  publicly_accessible = local.publicly_accessible

  user {
    username = "worker"
    password = random_password.worker.result
  }
}

resource "random_password" "worker" {
  length = 32
}
