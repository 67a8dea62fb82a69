resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"

  access_policies = <<-POLICY
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": "*",
          "Action": "es:*",
          "Resource": "arn:aws:es:eu-west-1:111122223333:domain/logs/*"
        }
      ]
    }
  POLICY
}
