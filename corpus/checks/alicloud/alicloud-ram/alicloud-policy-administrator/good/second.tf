resource "alicloud_ram_policy" "ops" {
  policy_name = "Ops"
  policy_document = jsonencode({
    Version = "1"
    Statement = [{
      Effect   = "Allow"
      Resource = "*"
      Action   = ["ecs:DescribeInstances"]
    }]
  })
}
