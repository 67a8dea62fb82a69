variable "key" {
  type      = string
  sensitive = true
  default   = ""
}

resource "nifcloud_ssl_certificate" "web" {
  certificate = file("web.pem")
  key = <<-PEM
    -----BEGIN RSA PRIVATE KEY-----
    bm90IGEga2V5
    -----END RSA PRIVATE KEY-----
  PEM
}
