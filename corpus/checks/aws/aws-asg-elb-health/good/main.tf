resource "aws_autoscaling_group" "web" {
  name              = "web"
  min_size          = 2
  max_size          = 6
  target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/73e2d6bc24d8a067"]
  health_check_type = "ELB"
}
