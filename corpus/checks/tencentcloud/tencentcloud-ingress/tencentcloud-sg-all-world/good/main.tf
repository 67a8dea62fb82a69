resource "tencentcloud_security_group_rule_set" "web" {
  security_group_id = "sg-0ag9mj6b"

  ingress {
    action     = "ACCEPT"
    cidr_block = "10.0.0.0/16"
    protocol   = "ALL"
    port       = "ALL"
  }
}
