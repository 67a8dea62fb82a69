resource "aws_dms_replication_instance" "migration" {
  replication_instance_id    = "migration"
  replication_instance_class = "dms.t3.medium"
  multi_az                   = var.multi_az
}

variable "multi_az" {
  type    = bool
  default = true
}
