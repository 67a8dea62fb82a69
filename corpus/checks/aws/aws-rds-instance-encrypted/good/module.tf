# One instance per service; the settings come from a map.
locals {
  databases = {
    billing = {
      class     = "db.t4g.medium"
      encrypted = true
    }
  }
}

resource "aws_db_instance" "service" {
  for_each = local.databases

  identifier                  = each.key
  engine                      = "mysql"
  instance_class              = each.value.class
  allocated_storage           = 50
  username                    = "admin_user"
  manage_master_user_password = true
  storage_encrypted           = each.value.encrypted
}
