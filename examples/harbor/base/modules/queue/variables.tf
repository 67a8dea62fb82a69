variable "name" {
  description = "Name of the queue; the dead-letter queue's name is made from it."
  type        = string
}

variable "kms_key_arn" {
  description = "Key for messages at rest."
  type        = string
}

variable "visibility_timeout_seconds" {
  description = "At least six times what a consumer needs for one message."
  type        = number
  default     = 180
}
