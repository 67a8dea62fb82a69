variable "key" {
  type      = string
  sensitive = true
  default   = ""
}

resource "nifcloud_ssl_certificate" "web" {
  certificate = file("web.pem")
  key         = var.key
}
