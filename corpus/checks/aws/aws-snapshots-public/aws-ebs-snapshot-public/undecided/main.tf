resource "aws_ebs_snapshot_block_public_access" "this" {
  state = var.state
}

variable "state" {
  type = string
}
