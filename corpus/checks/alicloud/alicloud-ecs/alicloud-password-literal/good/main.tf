resource "alicloud_db_account" "shop" {
  db_instance_id   = "rm-bp1a2b3c"
  account_name     = "shop"
  account_password = random_password.shop.result
}

resource "random_password" "shop" {
  length = 32
}
