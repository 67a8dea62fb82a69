variable "provider_type" {
  type = string
}

resource "aws_emr_security_configuration" "hive" {
  name = "hive"

  configuration = jsonencode({
    EncryptionConfiguration = {
      EnableAtRestEncryption    = true
      EnableInTransitEncryption = true
      AtRestEncryptionConfiguration = {
        S3EncryptionConfiguration = { EncryptionMode = "SSE-S3" }
        LocalDiskEncryptionConfiguration = {
          EncryptionKeyProviderType = var.provider_type
          AwsKmsKey                 = "arn:aws:kms:eu-west-1:111122223333:key/0f4e8a6c-32a7-4c53-9d3a-5a1e0c9b7d11"
        }
      }
      InTransitEncryptionConfiguration = {
        TLSCertificateConfiguration = { CertificateProviderType = "PEM", S3Object = "s3://acme-emr/certs.zip" }
      }
    }
  })
}
