variable "account_id" {
  description = "The account this root may touch."
  type        = string
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "availability_zones" {
  type    = list(string)
  default = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
}

variable "vpc_cidr" {
  description = "Out of 10.20.0.0/16, which is ours in the address plan."
  type        = string
}

variable "office_cidrs" {
  description = "Offices and VPN clients."
  type        = list(string)
  default     = ["10.30.0.0/16"]
}

variable "certificate_arn" {
  description = "Wildcard certificate of the environment's domain."
  type        = string
}

variable "database_instance_class" {
  type = string
}

variable "image_tags" {
  description = "What each service runs. The deployment pipeline keeps this up to date."
  type        = map(string)
}
