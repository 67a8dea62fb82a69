resource "aws_cloudwatch_log_group" "trail" {
  name              = "/acme/trail"
  retention_in_days = 400
}

resource "aws_sns_topic" "security" {
  name              = "security"
  kms_master_key_id = "alias/acme-security"
}

resource "aws_cloudwatch_log_metric_filter" "ec2_start" {
  name           = "InstanceStarts"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventName = RunInstances) }"

  metric_transformation {
    name      = "InstanceStarts"
    namespace = "Audit"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "ec2_start" {
  alarm_name          = "audit-ec2_start"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  metric_name         = "InstanceStarts"
  namespace           = "Audit"
  period              = 300
  statistic           = "Sum"
  threshold           = 1
  alarm_actions       = [aws_sns_topic.security.arn]
}

resource "aws_cloudwatch_log_metric_filter" "unauthorized_calls" {
  name           = "UnauthorizedCalls"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }"

  metric_transformation {
    name      = "UnauthorizedCalls"
    namespace = "Audit"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "unauthorized_calls" {
  alarm_name          = "audit-unauthorized_calls"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  metric_name         = "UnauthorizedCalls"
  namespace           = "Audit"
  period              = 300
  statistic           = "Sum"
  threshold           = 1
  alarm_actions       = [aws_sns_topic.security.arn]
}
