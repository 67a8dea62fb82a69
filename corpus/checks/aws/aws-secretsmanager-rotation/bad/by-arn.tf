resource "aws_secretsmanager_secret" "api" {
  name = "api/token"
}

resource "aws_secretsmanager_secret_rotation" "api" {
  secret_id           = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:other-AbCdEf"
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"

  rotation_rules {
    automatically_after_days = 30
  }
}
