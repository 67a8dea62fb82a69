resource "alicloud_ram_role_policy_attachment" "ops" {
  policy_type = "System"
  role_name   = "ops"
  policy_name = "AdministratorAccess"
}
