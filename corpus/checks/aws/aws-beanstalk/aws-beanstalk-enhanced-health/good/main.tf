locals {
  value = "enhanced"
}

resource "aws_elastic_beanstalk_environment" "web" {
  name        = "web"
  application = "shop"

  setting {
    namespace = "aws:elasticbeanstalk:healthreporting:system"
    name      = "SystemType"
    value     = local.value
  }
}
