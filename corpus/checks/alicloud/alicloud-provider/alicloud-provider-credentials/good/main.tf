provider "alicloud" {
  region  = "cn-beijing"
  profile = "company"
}
