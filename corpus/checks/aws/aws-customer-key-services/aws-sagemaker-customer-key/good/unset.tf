resource "aws_kms_key" "own" {
  description         = "data of this service"
  enable_key_rotation = true
}

resource "aws_sagemaker_notebook_instance" "lab" {
  name          = "lab"
  role_arn      = "arn:aws:iam::111122223333:role/lab"
  instance_type = "ml.t3.medium"
  kms_key_id    = aws_kms_key.own.arn
}
