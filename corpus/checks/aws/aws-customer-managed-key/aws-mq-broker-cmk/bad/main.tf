resource "aws_mq_broker" "jobs" {
  broker_name        = "jobs"
  engine_type        = "ActiveMQ"
  engine_version     = "5.18"
  host_instance_type = "mq.m5.large"

  encryption_options {
    use_aws_owned_key = true
  }

  user {
    username = "worker"
    password = random_password.worker.result
  }
}

resource "aws_kms_key" "mq" {
  description         = "Message brokers"
  enable_key_rotation = true
}

resource "random_password" "worker" {
  length = 32
}
