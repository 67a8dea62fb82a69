account_id = "111122223333"
vpc_cidr   = "10.20.128.0/18"

certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/b41d9a57-7c0e-4f0a-8d1f-52d7c3f0a9e4"

database_instance_class = "db.t4g.medium"

image_tags = {
  tracking-api   = "2026.11.0-rc.1"
  carrier-portal = "2026.10.1"
}
