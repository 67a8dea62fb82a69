resource "aws_s3_bucket_object" "seed" {
  bucket     = "acme-seed-data"
  key        = "seed.sql"
  content    = "select 1;"
  kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/3b5c7e31-8a07-4f0e-9c2e-1f2e3d4c5b6a"
}
