variable "name" {
  description = "Prefix of everything in this network, e.g. harbor-production."
  type        = string
}

variable "region" {
  description = "Region of the VPC; part of the endpoints' service names."
  type        = string
}

variable "cidr" {
  description = "Address range of the VPC, out of 10.20.0.0/16."
  type        = string
}

variable "availability_zones" {
  description = "Zones that get a private subnet."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key for the flow logs."
  type        = string
}

variable "log_retention_days" {
  description = "How long flow logs are kept."
  type        = number
  default     = 400
}
