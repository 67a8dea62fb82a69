locals {
  public_access_cidrs = ["198.51.100.0/24"]
}

resource "aws_eks_cluster" "apps" {
  name     = "apps"
  role_arn = "arn:aws:iam::111122223333:role/eks"

  vpc_config {
    subnet_ids             = ["subnet-0a1b2c3d", "subnet-4e5f6071"]
    endpoint_public_access = true
    public_access_cidrs    = local.public_access_cidrs
  }
}
