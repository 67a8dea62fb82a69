resource "aws_sns_topic" "trail" {
  name = "trail"
}

resource "aws_cloudtrail" "home" {
  name           = "home"
  s3_bucket_name = "acme-trail"
  sns_topic_name = aws_sns_topic.trail.arn
}
