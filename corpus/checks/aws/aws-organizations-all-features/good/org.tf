resource "aws_organizations_organization" "acme" {
  aws_service_access_principals = ["cloudtrail.amazonaws.com", "config.amazonaws.com"]
  feature_set                   = "ALL"
}
