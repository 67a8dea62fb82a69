variable "name" {
  description = "Prefix of trail and bucket, e.g. harbor-production."
  type        = string
}

variable "region" {
  description = "Home region of the trail."
  type        = string
}

variable "kms_key_arn" {
  description = "Key for the trail's files."
  type        = string
}

variable "data_event_bucket_arns" {
  description = "Buckets whose object reads and writes are recorded."
  type        = list(string)
}

variable "log_bucket" {
  description = "Bucket that takes the server access logs. It belongs to the landing zone repository."
  type        = string
  default     = "harbor-access-logs"
}
