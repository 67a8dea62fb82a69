resource "aws_ssm_document" "ops" {
  name          = "acme-ops"
  document_type = "Session"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      kmsKeyId = "alias/acme-sessions"
    }
  })
}
