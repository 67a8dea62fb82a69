resource "aws_eks_cluster" "apps" {
  name     = "apps"
  role_arn = "arn:aws:iam::111122223333:role/eks"

  encryption_config {
    resources = var.encrypted

    provider {
      key_arn = aws_kms_key.eks.arn
    }
  }
}

resource "aws_kms_key" "eks" {
  description         = "Kubernetes secrets"
  enable_key_rotation = true
}

variable "encrypted" {
  type = list(string)
}
