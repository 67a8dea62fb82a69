variable "kms_key_arn" {
  type = string
}

resource "aws_dynamodb_table" "prices" {
  name                        = "prices"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "sku"
  deletion_protection_enabled = true

  attribute {
    name = "sku"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  tags = {
    Owner       = "prices-team"
    Environment = "production"
  }
}
