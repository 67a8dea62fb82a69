output "vpc_id" {
  value = aws_vpc.this.id
}

output "private_subnet_ids" {
  value = [for subnet in aws_subnet.private : subnet.id]
}

output "s3_prefix_list_id" {
  description = "For egress rules: image layers and objects come from S3 through the gateway endpoint."
  value       = aws_vpc_endpoint.s3.prefix_list_id
}
