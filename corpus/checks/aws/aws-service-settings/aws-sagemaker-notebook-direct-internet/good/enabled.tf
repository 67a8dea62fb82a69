resource "aws_sagemaker_notebook_instance" "team" {
  name                   = "team"
  role_arn               = "arn:aws:iam::111122223333:role/lab"
  instance_type          = "ml.t3.large"
  subnet_id              = "subnet-0a1b2c3d4e5f60718"
  security_groups        = ["sg-0a1b2c3d4e5f60718"]
  direct_internet_access = "Disabled"
}
