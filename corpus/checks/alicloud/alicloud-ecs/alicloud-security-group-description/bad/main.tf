resource "alicloud_security_group" "web" {
  security_group_name = "web"
  vpc_id              = "vpc-bp1a2b3c"
}
