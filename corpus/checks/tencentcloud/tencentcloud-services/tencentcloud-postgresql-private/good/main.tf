resource "tencentcloud_postgresql_instance" "shop" {
  name                 = "shop"
  memory               = 2
  storage              = 10
  public_access_switch = false
}
