resource "aws_s3_bucket_object" "seed" {
  bucket  = "acme-seed-data"
  key     = "seed.sql"
  content = "select 1;"
}
