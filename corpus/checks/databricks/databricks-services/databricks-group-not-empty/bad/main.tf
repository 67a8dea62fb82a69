resource "databricks_group" "analysts" {
  display_name = "analysts"
}

resource "databricks_group_instance_profile" "analysts" {
  group_id            = databricks_group.analysts.id
  instance_profile_id = "arn:aws:iam::111122223333:instance-profile/analysts"
}
