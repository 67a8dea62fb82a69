variable "name" {
  description = "Identifier of the instance."
  type        = string
}

variable "database" {
  description = "Name of the first database."
  type        = string
}

variable "instance_class" {
  type    = string
  default = "db.t4g.medium"
}

variable "allocated_storage" {
  description = "GiB to begin with; grows to four times that."
  type        = number
  default     = 50
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "client_cidrs" {
  description = "Networks that may connect on 5432."
  type        = list(string)
}

variable "publicly_accessible" {
  description = "Give the instance a public address."
  type        = bool
  default     = false
}

variable "encrypted" {
  description = "Encrypt storage, snapshots and replicas. Cannot be changed later without a new instance."
  type        = bool
  default     = true
}

variable "kms_key_arn" {
  description = "Key for storage, Performance Insights and the master password."
  type        = string
}

variable "backup_retention_days" {
  type    = number
  default = 14
}
