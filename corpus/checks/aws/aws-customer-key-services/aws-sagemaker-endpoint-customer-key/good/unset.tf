resource "aws_kms_key" "own" {
  description         = "data of this service"
  enable_key_rotation = true
}

resource "aws_sagemaker_endpoint_configuration" "score" {
  name        = "score"
  kms_key_arn = aws_kms_key.own.arn

  production_variants {
    variant_name           = "main"
    model_name             = "score"
    initial_instance_count = 2
    instance_type          = "ml.m5.large"
  }
}
