resource "aws_ssm_document" "shell" {
  name            = "acme-shell"
  document_type   = "Session"
  document_format = "JSON"

  content = <<DOC
{
  "schemaVersion": "1.0",
  "description": "shell with a record",
  "sessionType": "Standard_Stream",
  "inputs": {
    "cloudWatchLogGroupName": "/acme/sessions",
    "kmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/0f4e8a6c-32a7-4c53-9d3a-5a1e0c9b7d11"
  }
}
DOC
}
