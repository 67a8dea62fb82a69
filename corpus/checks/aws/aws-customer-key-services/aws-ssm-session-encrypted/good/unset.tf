resource "aws_kms_key" "own" {
  description         = "data of this service"
  enable_key_rotation = true
}

resource "aws_ssm_document" "session" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "sessions"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName = "acme-sessions"
      kmsKeyId     = aws_kms_key.own.arn
    }
  })
}
