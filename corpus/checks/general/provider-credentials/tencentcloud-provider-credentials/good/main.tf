provider "tencentcloud" {
  region  = "ap-guangzhou"
  profile = "company"
}
