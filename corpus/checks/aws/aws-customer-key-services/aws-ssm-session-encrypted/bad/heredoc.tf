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
    "kmsKeyId": ""
  }
}
DOC
}
