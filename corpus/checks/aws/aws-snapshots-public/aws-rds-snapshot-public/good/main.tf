locals {
  shared_accounts = ["111122223333"]
}

resource "aws_db_snapshot" "before_upgrade" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-before-upgrade"
  shared_accounts        = local.shared_accounts
}
