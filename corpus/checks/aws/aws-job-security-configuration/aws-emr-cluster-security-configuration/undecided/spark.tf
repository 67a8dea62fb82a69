variable "security" {
  type = string
}

resource "aws_emr_cluster" "spark" {
  name                   = "spark"
  release_label          = "emr-7.1.0"
  service_role           = "arn:aws:iam::111122223333:role/emr"
  applications           = ["Spark"]
  security_configuration = var.security

  master_instance_group {
    instance_type = "m6i.xlarge"
  }
}
