resource "aws_sagemaker_notebook_instance" "team" {
  name          = "team"
  role_arn      = "arn:aws:iam::111122223333:role/lab"
  instance_type = "ml.t3.large"
  root_access   = "Enabled"
}
