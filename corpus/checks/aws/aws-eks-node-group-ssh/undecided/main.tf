variable "ssh_key" {
  type = string
}

resource "aws_eks_node_group" "apps" {
  cluster_name    = "apps"
  node_group_name = "apps"
  node_role_arn   = "arn:aws:iam::111122223333:role/nodes"
  subnet_ids      = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f69d8c"]

  remote_access {
    ec2_ssh_key = var.ssh_key
  }
}
