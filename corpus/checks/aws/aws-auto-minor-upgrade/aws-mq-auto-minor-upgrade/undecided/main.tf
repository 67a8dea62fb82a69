resource "aws_mq_broker" "jobs" {
  broker_name                = "jobs"
  engine_type                = "RabbitMQ"
  engine_version             = "3.13"
  host_instance_type         = "mq.m5.large"
  auto_minor_version_upgrade = var.auto_minor_version_upgrade

  user {
    username = "worker"
    password = random_password.worker.result
  }
}

variable "auto_minor_version_upgrade" {
  type = bool
}

resource "random_password" "worker" {
  length = 32
}
