resource "aws_lambda_permission" "call" {
  action        = "lambda:InvokeFunction"
  function_name = "resize"
  principal     = "444455556666"
}
