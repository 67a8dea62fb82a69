terraform {
  required_providers {
    nifcloud = {
      source  = "nifcloud/nifcloud"
      version = "~> 1.20"
    }
  }
}
