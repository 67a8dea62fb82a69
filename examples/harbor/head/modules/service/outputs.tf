output "load_balancer_arn" {
  value = aws_lb.this.arn
}

output "target_group_arn" {
  value = aws_lb_target_group.this.arn
}

output "balancer_security_group_id" {
  value = aws_security_group.balancer.id
}
