output "bucket_arns" {
  description = "ARN of each bucket, by the last part of its name."
  value       = { for key, bucket in aws_s3_bucket.this : key => bucket.arn }
}
