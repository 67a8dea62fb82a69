resource "aws_apigatewayv2_stage" "prod" {
  api_id = "a1b2c3d4e5"
  name   = "prod"

  access_log_settings {
    destination_arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/api/orders"
    format          = "$context.requestId"
  }
}
