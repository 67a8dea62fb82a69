resource "aws_lambda_permission" "bucket" {
  action        = var.action
  function_name = "resize"
  principal     = "s3.amazonaws.com"
  source_arn    = "arn:aws:s3:::example-uploads"
}

variable "action" {
  type = string
}
