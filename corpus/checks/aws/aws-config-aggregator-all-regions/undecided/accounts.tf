variable "everywhere" {
  type = bool
}

resource "aws_config_configuration_aggregator" "team" {
  name = "team"

  account_aggregation_source {
    account_ids = ["111122223333", "444455556666"]
    all_regions = var.everywhere
  }
}
