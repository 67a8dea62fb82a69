resource "aws_cloudwatch_log_group" "dns" {
  name              = "/aws/route53/acme.example"
  retention_in_days = 400
}

resource "aws_route53_zone" "main" {
  name = "acme.example"
}

resource "aws_route53_query_log" "main" {
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.dns.arn
  zone_id                  = aws_route53_zone.main.zone_id
}
