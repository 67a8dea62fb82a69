variable "pages" {
  type = list(string)
}

resource "aws_s3_bucket" "landing" {
  bucket = "acme-landing"

  dynamic "website" {
    for_each = var.pages
    content {
      index_document = website.value
    }
  }
}
