account_id = "111122223333"
vpc_cidr   = "10.20.0.0/18"

certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/6f0d2c1e-3b7a-4f57-9a50-0c8f6f4f1b11"

database_instance_class = "db.m7g.large"

image_tags = {
  tracking-api   = "2026.10.2"
  carrier-portal = "2026.10.0"
}
