resource "aws_ssm_document" "shell" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = <<DOC
{
  "schemaVersion": "1.0",
  "description": "shell",
  "sessionType": "Standard_Stream",
  "inputs": {
    "s3BucketName": "acme-sessions",
    "s3EncryptionEnabled": true,
    "kmsKeyId": "alias/acme-sessions"
  }
}
DOC
}
