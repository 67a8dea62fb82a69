variable "name" {
  description = "Prefix of the bucket names, e.g. harbor-production."
  type        = string
}

variable "buckets" {
  description = "Buckets to create, by the last part of their name."
  type = map(object({
    data_class        = string
    expire_after_days = optional(number)
  }))
}

variable "kms_key_arn" {
  description = "Key for objects at rest."
  type        = string
}

variable "log_bucket" {
  description = "Bucket that takes the server access logs. It belongs to the landing zone repository."
  type        = string
  default     = "harbor-access-logs"
}
