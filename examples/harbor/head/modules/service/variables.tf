variable "name" {
  description = "Name of the service, its repository and its load balancer (at most 32 characters)."
  type        = string
}

variable "region" {
  type = string
}

variable "cluster_arn" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "vpc_cidr" {
  description = "Where the endpoints and databases are."
  type        = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "s3_prefix_list_id" {
  type = string
}

variable "client_cidrs" {
  description = "Networks that may reach the load balancer."
  type        = list(string)
}

variable "certificate_arn" {
  description = "ACM certificate of the HTTPS listener."
  type        = string
}

variable "tls_policy" {
  description = "Security policy of the HTTPS listener."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
}

variable "image_tag" {
  description = "What to run. Set by the deployment pipeline."
  type        = string
}

variable "image_tag_mutability" {
  type    = string
  default = "IMMUTABLE"
}

variable "cpu" {
  type    = number
  default = 512
}

variable "memory" {
  type    = number
  default = 1024
}

variable "desired_count" {
  type    = number
  default = 2
}

variable "environment" {
  description = "Plain settings of the container. Nothing secret goes here."
  type        = map(string)
  default     = {}
}

variable "task_policies" {
  description = "Policies of the task role, name to JSON."
  type        = map(string)
  default     = {}
}

variable "kms_key_arn" {
  description = "Key for images and logs."
  type        = string
}

variable "log_bucket" {
  description = "Bucket that takes the load balancer's access logs. It belongs to the landing zone repository."
  type        = string
  default     = "harbor-access-logs"
}

variable "log_retention_days" {
  type    = number
  default = 400
}
