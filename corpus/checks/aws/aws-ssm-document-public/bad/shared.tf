resource "aws_ssm_document" "patch" {
  name          = "acme-patch"
  document_type = "Command"

  permissions = {
    type        = "Share"
    account_ids = "All"
  }

  content = jsonencode({
    schemaVersion = "2.2"
    description   = "patch"
    mainSteps     = []
  })
}
