resource "azurerm_key_vault_certificate" "main" {
  name         = "main"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/main/providers/Microsoft.KeyVault/vaults/main"

  certificate_policy {
    issuer_parameters {
      name = "main"
    }

    key_properties {
      exportable = false
      key_type   = "RSA"
      reuse_key  = false
    }

    secret_properties {
      content_type = "x"
    }

    x509_certificate_properties {
      key_usage          = ["digitalSignature"]
      subject            = "CN=www.example.com"
      validity_in_months = 36
    }
  }
}
