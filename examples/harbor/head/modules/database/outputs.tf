output "endpoint" {
  value = aws_db_instance.this.endpoint
}

output "resource_id" {
  description = "For rds-db:connect policies."
  value       = aws_db_instance.this.resource_id
}
