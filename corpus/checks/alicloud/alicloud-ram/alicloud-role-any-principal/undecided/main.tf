resource "alicloud_ram_role" "ops" {
  role_name = "ops"
  assume_role_policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { RAM = [var.text] }
    }]
  })
}

variable "text" {
  type = string
}
