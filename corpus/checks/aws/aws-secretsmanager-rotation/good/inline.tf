resource "aws_secretsmanager_secret" "api" {
  name                = "api/token"
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"
}
