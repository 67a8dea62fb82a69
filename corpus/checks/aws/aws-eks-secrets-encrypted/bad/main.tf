resource "aws_eks_cluster" "apps" {
  name     = "apps"
  role_arn = "arn:aws:iam::111122223333:role/eks"
}

resource "aws_kms_key" "eks" {
  description         = "Kubernetes secrets"
  enable_key_rotation = true
}
