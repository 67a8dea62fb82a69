provider "oci" {
  region               = "eu-frankfurt-1"
  private_key_path     = "/run/secrets/oci.pem"
  private_key_password = var.text
}

variable "text" {
  type = string
}
