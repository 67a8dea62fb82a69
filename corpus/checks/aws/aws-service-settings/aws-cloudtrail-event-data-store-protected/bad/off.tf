resource "aws_cloudtrail_event_data_store" "audit" {
  name                           = "audit"
  retention_period               = 2557
  termination_protection_enabled = false
}
